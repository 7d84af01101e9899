#pragma once
#include "arguments.h"
#include "async/task.h"
#include "net/loop.h"
#include "report.h"

// What the load client can do, a file each. All throw Failure if the server does not do what it should.
namespace posthouse::bench {

/// Sends mails by LMTP or SMTP, over several connections at once.
Task<> deliver(net::Loop& loop, Arguments& arguments, Report& report);

/// Connects by IMAP or POP3, logs in, asks how many messages there are and logs out, again and again over several
/// connections at once.
Task<> logIn(net::Loop& loop, Arguments& arguments, Report& report);

/// Connects, logs in and leaves, beside others that guess passwords.
Task<> check(net::Loop& loop, Arguments& arguments, Report& report);

/// Holds IMAP or POP3 connections that wait, and tells what memory the watched servers need for them.
Task<> idle(net::Loop& loop, Arguments& arguments, Report& report);

/// Times how long a delivery by LMTP or SMTP takes to be told to a session in IDLE.
Task<> push(net::Loop& loop, Arguments& arguments, Report& report);

/// Times SELECT and FETCH of all messages of a large mailbox.
Task<> readMailbox(net::Loop& loop, Arguments& arguments, Report& report);

/// Reads whole maildrops by POP3, a client for each.
Task<> readMaildrops(net::Loop& loop, Arguments& arguments, Report& report);

/// Changes a flag of all messages of a mailbox again and again.
Task<> store(net::Loop& loop, Arguments& arguments, Report& report);

}  // namespace posthouse::bench
