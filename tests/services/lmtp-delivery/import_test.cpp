// Mail of another server on its way into mailboxes, with the rights that lmtp-delivery has in the database.
#include <grpcpp/client_context.h>
#include <grpcpp/support/sync_stream.h>
#include <prometheus/registry.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <functional>
#include <thread>

#include "import/import_store.h"
#include "import/mail_import_service.h"
#include "mail/admin/v1/mail_import.grpc.pb.h"
#include "rpc/channel.h"
#include "rpc/server.h"
#include "store/account_lock.h"
#include "store/consistency.h"
#include "store/keyword_repository.h"
#include "store/mailbox_repository.h"
#include "store/message_repository.h"
#include "support/child_process.h"
#include "support/quiet_sink.h"
#include "support/test_database.h"
#include "upkeep.h"

using namespace posthouse;
using namespace posthouse::lmtp_delivery;
using namespace std::chrono_literals;
using store::DeliveryStatus;
using store::Flag;
using store::UniqueIdFate;

namespace admin = mail::admin::v1;

namespace {

struct House {
  test::TestDatabase stored;
  net::Loop loop;
  prometheus::Registry registry;
  test::QuietSink sink{registry};
  observe::Log log{sink, "lmtp-delivery", "test"};
  events::Publisher publisher{loop, {}, {}, registry};
  db::Database database{loop,
                        {.url = stored.urlAs("posthouse_lmtp_delivery"),
                         .applicationName = "import",
                         .preparedStatements = true,
                         .lockTimeout = 50ms,
                         .statementTimeout = 3s},
                        registry};
  store::AccountId alice = stored.addAccount("alice");

  Incoming message(const std::string& key, std::vector<std::string> flags = {}, std::string uniqueId = {}) {
    Incoming incoming;
    incoming.mailbox = store::kInbox;
    incoming.key = key;
    incoming.flags = std::move(flags);
    incoming.internalDate = std::chrono::system_clock::time_point(1'500'000'000s);
    incoming.uniqueId = std::move(uniqueId);
    incoming.octets = "Subject: " + key + "\r\n\r\nbody\r\n";
    return incoming;
  }

  std::vector<std::string> inbox(store::MailboxId mailbox = store::kInbox) {
    return stored.transact([&](db::Transaction& transaction) {
      store::MessageRepository messages(transaction, alice);
      std::vector<std::string> texts;
      for (const store::MessageSize& each : messages.sizes(mailbox)) texts.push_back(*messages.read(mailbox, each.uid));
      CHECK(store::checkAccount(transaction, alice).empty());
      return texts;
    });
  }
};

}  // namespace

TEST_CASE("messages come with all that they had, and once", "[lmtp]") {
  House house;
  ImportStore imports(house.database, house.publisher, house.alice);
  std::vector<Incoming> messages;
  messages.push_back(house.message("one", {"\\Seen", "$Forwarded", "Invoice"}, "id one"));
  messages.push_back(house.message("two", {"\\Recent", "a b", "invoice"}, "id-two"));
  messages.push_back(house.message("one"));  // again, in the same transaction
  messages.push_back(house.message("three", {}, "id-two"));
  messages.push_back(house.message("four", {}, std::string("id\0four", 7)));
  const auto imported = house.loop.runUntilDone(imports.store(messages));
  REQUIRE(imported.size() == 5);
  CHECK(imported[0].delivered.status == DeliveryStatus::stored);
  CHECK(imported[0].uniqueId == UniqueIdFate::invalid);
  CHECK(imported[0].lostFlags.empty());
  CHECK(imported[1].uniqueId == UniqueIdFate::kept);
  CHECK(imported[1].lostFlags == std::vector<std::string>{"\\Recent", "a b"});
  CHECK(imported[2].delivered.status == DeliveryStatus::repeated);
  CHECK(imported[3].uniqueId == UniqueIdFate::taken);
  CHECK(imported[4].delivered.status == DeliveryStatus::stored);
  CHECK(imported[4].uniqueId == UniqueIdFate::invalid);
  CHECK(house.inbox().size() == 4);
  house.stored.transact([&](db::Transaction& transaction) {
    const auto view = store::MessageRepository(transaction, house.alice).view(store::kInbox);
    const auto keywords = store::KeywordRepository(transaction, house.alice).all();
    CHECK(view->messages[0].allFlags().has(Flag::seen));
    CHECK(keywords.names(view->messages[0].allFlags()) ==
          std::vector<std::string_view>{"\\Seen", "$Forwarded", "Invoice"});
    CHECK(keywords.names(view->messages[1].allFlags()) == std::vector<std::string_view>{"Invoice"});
    const auto summaries =
        store::MessageRepository(transaction, house.alice).summaries(store::kInbox, store::UidSet::all());
    CHECK(summaries[0].internalDate == std::chrono::system_clock::time_point(1'500'000'000s));
  });

  const auto again = house.loop.runUntilDone(imports.store(messages));
  for (const Imported& each : again) CHECK(each.delivered.status == DeliveryStatus::repeated);
  CHECK(house.inbox().size() == 4);
}

TEST_CASE("a message that is there gets the unique id that it still lacks, and keeps the one that it has", "[lmtp]") {
  House house;
  ImportStore imports(house.database, house.publisher, house.alice);
  const auto bring = [&](std::initializer_list<std::pair<const char*, const char*>> ids) {
    std::vector<Incoming> messages;
    for (const auto& [key, id] : ids) messages.push_back(house.message(key, {}, id));
    std::vector<std::optional<UniqueIdFate>> fates;
    for (const Imported& each : house.loop.runUntilDone(imports.store(messages))) fates.push_back(each.uniqueId);
    return fates;
  };
  const auto ids = [&] {
    return house.stored.transact([&](db::Transaction& transaction) {
      std::string text;
      for (const store::UniqueId& id : store::UniqueIdRepository(transaction, house.alice).list(store::kInbox))
        text += std::to_string(static_cast<std::uint32_t>(id.uid)) + "=" + id.text + " ";
      return text;
    });
  };
  bring({{"one", ""}, {"two", "id-two"}, {"three", ""}});
  CHECK(bring({{"one", "id-one"}, {"two", "other"}, {"three", "id-two"}}) ==
        std::vector<std::optional<UniqueIdFate>>{UniqueIdFate::kept, UniqueIdFate::differs, UniqueIdFate::taken});
  CHECK(bring({{"one", "id-one"}, {"two", ""}}) ==
        std::vector<std::optional<UniqueIdFate>>{UniqueIdFate::kept, std::nullopt});
  CHECK(ids() == "1=id-one 2=id-two ");

  house.stored.transact([&](db::Transaction& transaction) {
    store::MessageRepository(transaction, house.alice)
        .expunge(store::kInbox, {store::Uid{3}}, store::MessageRepository::Which::all);
  });
  CHECK(bring({{"three", "id-three"}}) == std::vector<std::optional<UniqueIdFate>>{UniqueIdFate::gone});
  CHECK(ids() == "1=id-one 2=id-two ");
}

TEST_CASE("a message of a folder that was made anew is not taken for another with its UID", "[lmtp]") {
  House house;
  ImportStore imports(house.database, house.publisher, house.alice);
  const auto bring = [&](const std::string& key, const std::string& id) {
    std::vector<Incoming> messages;
    messages.push_back(house.message(key, {}, id));
    messages.back().mailbox = *house.loop.runUntilDone(imports.folder("Old", false));
    return house.loop.runUntilDone(imports.store(messages)).front();
  };
  bring("one", "");
  house.stored.transact(
      [&](db::Transaction& transaction) { REQUIRE(store::MailboxRepository(transaction, house.alice).remove("Old")); });
  bring("two", "");
  const Imported again = bring("one", "id-one");
  CHECK(again.delivered.status == DeliveryStatus::repeated);
  CHECK(again.uniqueId == UniqueIdFate::gone);
}

TEST_CASE("what is found again is remembered for as long again", "[lmtp]") {
  House house;
  ImportStore imports(house.database, house.publisher, house.alice);
  std::vector<Incoming> messages;
  messages.push_back(house.message("one"));
  messages.push_back(house.message("two"));
  house.loop.runUntilDone(imports.store(messages));
  const auto recent = [&] {
    return house.stored.transact([](db::Transaction& transaction) {
      return transaction.exec("SELECT count(*) FROM posthouse.delivery_key WHERE at > now() - interval '1 day'")[0]
          .get<std::int64_t>(0);
    });
  };
  house.stored.transact([](db::Transaction& transaction) {
    transaction.exec("UPDATE posthouse.delivery_key SET at = now() - interval '29 days'");
  });
  REQUIRE(recent() == 0);
  messages.pop_back();
  house.loop.runUntilDone(imports.store(messages));
  CHECK(recent() == 1);
}

TEST_CASE("keywords that the account has no room for are left out, and no message", "[lmtp]") {
  House house;
  std::vector<std::string> names;
  for (std::size_t i = 0; i < store::KeywordDictionary::kCapacity + 2; ++i)
    names.push_back("word" + std::to_string(i + 100));
  const std::vector<Incoming> messages = [&] {
    std::vector<Incoming> all;
    all.push_back(house.message("one", names));
    return all;
  }();
  ImportStore imports(house.database, house.publisher, house.alice);
  const auto imported = house.loop.runUntilDone(imports.store(messages));
  CHECK(imported[0].delivered.status == DeliveryStatus::stored);
  CHECK(imported[0].lostFlags == std::vector<std::string>{"word163", "word164"});
}

TEST_CASE("folders are made where they are not, and subscribed to", "[lmtp]") {
  House house;
  ImportStore imports(house.database, house.publisher, house.alice);
  const auto made = house.loop.runUntilDone(imports.folder("Work/Entwürfe", true));
  REQUIRE(made);
  CHECK(house.loop.runUntilDone(imports.folder("Work/Entwürfe", false)) == made);
  CHECK(house.loop.runUntilDone(imports.folder("inbox", true)) == store::kInbox);
  CHECK_FALSE(house.loop.runUntilDone(imports.folder("a//b", true)));
  CHECK_FALSE(house.loop.runUntilDone(imports.folder("a\nb", true)));
  house.stored.transact([&](db::Transaction& transaction) {
    const auto subscribed = store::MailboxRepository(transaction, house.alice).subscriptions();
    CHECK(std::ranges::count(subscribed, "Work/Entwürfe") == 1);
    CHECK(std::ranges::count(subscribed, "Work") == 0);
  });
}

TEST_CASE("where somebody else works on the account for long, nothing is stored", "[lmtp]") {
  House house;
  ImportStore imports(house.database, house.publisher, house.alice, /*attempts=*/1);
  std::vector<Incoming> messages;
  messages.push_back(house.message("one"));
  house.stored.transact([&](db::Transaction& transaction) {
    store::lockAccount(transaction, house.alice);
    CHECK_THROWS_AS(house.loop.runUntilDone(imports.store(messages)), db::Busy);
  });
  const auto imported = house.loop.runUntilDone(imports.store(messages));
  CHECK(imported[0].delivered.status == DeliveryStatus::stored);
}

namespace {

/// accountd, to whom everybody is alice.
class Permission final : public admin::MailImportPermission::CallbackService {
 public:
  explicit Permission(store::AccountId account) : account_(account) {}

  std::string actor;  // who asked last
  std::string caller;

 private:
  grpc::ServerUnaryReactor* Permit(grpc::CallbackServerContext* context, const admin::PermitMailImportRequest* request,
                                   admin::PermitMailImportResponse* response) override {
    const auto told = [context](const char* name) {
      const auto found = context->client_metadata().find(name);
      return found == context->client_metadata().end() ? std::string()
                                                       : std::string(found->second.data(), found->second.size());
    };
    actor = told("posthouse-actor");
    caller = told("posthouse-operator");
    response->set_account_id(static_cast<std::int64_t>(account_));
    response->set_address("alice@mail.test");
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    const bool may = request->address() == "alice@mail.test";
    reactor->Finish(may ? grpc::Status::OK : grpc::Status(grpc::StatusCode::NOT_FOUND, "there is no user"));
    return reactor;
  }

  store::AccountId account_;
};

struct NoDirectory final : directory::Directory {
  Task<directory::Resolution> resolve(std::string) override { co_return directory::Resolution(); }
  Task<bool> maySendAs(std::int64_t, std::string) override { co_return false; }
};

/// The service over gRPC, and a client on a thread of its own while the loop runs.
struct Site : House {
  using Stream = grpc::ClientReaderWriter<admin::ImportMailRequest, admin::ImportMailResponse>;

  Site() {
    config.maxMessageSize = 1'000'000;
    server.add(service, "lmtp-delivery");
    server.start(addressOf("lmtp-delivery"), {});
  }
  ~Site() {
    loop.runUntilDone(service.drained());
    loop.runUntilDone(server.close(1s));
    loop.runUntilDone(accountdServer.close(1s));
  }

  std::string addressOf(const std::string& program) const { return "unix:" + (sockets.path() / program).string(); }

  std::shared_ptr<grpc::Channel> startAccountd() {
    accountdServer.add(accountd, "accountd");
    accountdServer.start(addressOf("accountd"), {});
    return rpc::channel(addressOf("accountd"), {});
  }

  /// What `talk` says, and how the call ended.
  grpc::Status call(const std::function<void(Stream&)>& talk) {
    grpc::Status status;
    std::atomic<bool> done = false;
    std::jthread client([&] {
      const auto stub = admin::MailImport::NewStub(rpc::channel(addressOf("lmtp-delivery"), {}));
      grpc::ClientContext context;
      context.set_deadline(std::chrono::system_clock::now() + 60s);
      context.AddMetadata("posthouse-actor", "chief@mail.test");
      context.AddMetadata("posthouse-operator", "local:7");
      const auto stream = stub->Import(&context);
      talk(*stream);
      stream->WritesDone();
      for (admin::ImportMailResponse response; stream->Read(&response);) answers.push_back(response);
      status = stream->Finish();
      done = true;
    });
    loop.runUntilDone(until(done));
    return status;
  }
  Task<> until(std::atomic<bool>& done) {
    while (!done) co_await loop.sleep(1ms);
  }

  static void begin(Stream& stream, const std::string& address = "alice@mail.test") {
    admin::ImportMailRequest request;
    request.mutable_begin()->set_address(address);
    stream.Write(request);
  }
  static void folder(Stream& stream, const std::string& name) {
    admin::ImportMailRequest request;
    request.mutable_folder()->set_name(name);
    stream.Write(request);
  }
  static void message(Stream& stream, std::uint64_t number, const std::string& octets, bool more = false) {
    admin::ImportMailRequest request;
    request.mutable_message()->set_number(number);
    request.mutable_message()->set_key("caf\xe9 " + std::to_string(number));
    request.mutable_message()->set_octets(octets);
    request.mutable_message()->set_more(more);
    stream.Write(request);
  }
  static void rest(Stream& stream, const std::string& octets, bool more, bool abandoned = false) {
    admin::ImportMailRequest request;
    request.mutable_octets()->set_octets(octets);
    request.mutable_octets()->set_more(more);
    request.mutable_octets()->set_abandoned(abandoned);
    stream.Write(request);
  }
  std::string results() const {
    std::string text;
    for (const admin::ImportMailResponse& answer : answers) {
      if (!answer.has_message()) continue;
      text += std::to_string(answer.message().number()) + ":" + std::to_string(answer.message().result()) + " ";
    }
    return text;
  }

  test::TemporaryFolder sockets;
  Permission accountd{alice};
  rpc::Server accountdServer{loop};
  Config config;
  NoDirectory directory;
  MemoryBudget memory{std::uint64_t{64} * 1024 * 1024};
  ImportMetrics metrics{registry};
  ImportPermission permission{loop, startAccountd(), directory};
  std::stop_source stop;
  MailImportService service{{loop, config, database, publisher, permission, memory, metrics, log}, stop.get_token()};
  rpc::Server server{loop};
  std::vector<admin::ImportMailResponse> answers;
};

}  // namespace

TEST_CASE("an import over gRPC, from small and large messages", "[lmtp]") {
  Site site;
  const std::string large = "Subject: large\r\n\r\n" + std::string(700'000, 'x');
  const grpc::Status status = site.call([&](Site::Stream& stream) {
    Site::begin(stream);
    Site::folder(stream, "INBOX");
    for (std::uint64_t number = 1; number <= 500; ++number)
      Site::message(stream, number, "Subject: " + std::to_string(number) + "\r\n\r\n");
    Site::message(stream, 501, large.substr(0, 200'000), true);
    Site::rest(stream, large.substr(200'000, 200'000), true);
    Site::rest(stream, large.substr(400'000), false);
    Site::message(stream, 502, "given up", true);
    Site::rest(stream, "", false, true);
    Site::message(stream, 503, std::string(600'000, 'x'), true);
    Site::rest(stream, std::string(600'000, 'x'), false);
    Site::folder(stream, "no//name");
    Site::message(stream, 504, "Subject: nowhere\r\n\r\n");
    Site::folder(stream, "Old");
    Site::message(stream, 505, "");
  });
  CHECK(status.error_message() == "");
  CHECK(status.ok());
  CHECK(site.accountd.actor == "chief@mail.test");
  CHECK(site.accountd.caller == "local:7");
  REQUIRE(site.answers.size() == 1 + 3 + 505);
  CHECK(site.answers[0].begun().max_message_size() == 1'000'000);
  const std::string results = site.results();
  CHECK_THAT(results, Catch::StartsWith("1:1 2:1 3:1 "));
  CHECK_THAT(results, Catch::EndsWith("500:1 501:1 502:3 503:3 504:3 505:1 "));
  const auto inbox = site.inbox();
  REQUIRE(inbox.size() == 501);
  CHECK(inbox[499] == "Subject: 500\r\n\r\n");
  CHECK(inbox[500] == large);
}

TEST_CASE("a large message that is given up leaves room for others, and its memory", "[lmtp]") {
  Site site;
  site.config.maxMessageSize = 12'000'000;
  const grpc::Status status = site.call([](Site::Stream& stream) {
    Site::begin(stream);
    Site::folder(stream, "INBOX");
    const std::string piece(250'000, 'x');
    Site::message(stream, 1, piece, true);
    for (int i = 0; i < 38; ++i) Site::rest(stream, piece, true);
    Site::rest(stream, "", false, true);
    Site::message(stream, 2, "Subject: after it\r\n\r\n");
  });
  CHECK(status.error_message() == "");
  CHECK(status.ok());
  CHECK(site.results() == "1:3 2:1 ");
  CHECK(site.memory.held() == 0);
}

TEST_CASE("who may not import is told by accountd's own words", "[lmtp]") {
  Site site;
  const grpc::Status status = site.call([](Site::Stream& stream) {
    Site::begin(stream, "nobody@mail.test");
    Site::folder(stream, "INBOX");
    Site::message(stream, 1, "x");
  });
  CHECK(status.error_code() == grpc::StatusCode::NOT_FOUND);
  CHECK(status.error_message() == "there is no user");
  CHECK(site.inbox().empty());
}

TEST_CASE("an import that goes wrong keeps what was answered", "[lmtp]") {
  Site site;
  const auto [what, talk] = GENERATE(table<std::string, std::function<void(Site::Stream&)>>({
      {"octets without a message", [](Site::Stream& stream) { Site::rest(stream, "x", false); }},
      {"the rest of a message was expected",
       [](Site::Stream& stream) {
         Site::message(stream, 2, "x", true);
         Site::folder(stream, "Old");
       }},
      {"the last message is not whole", [](Site::Stream& stream) { Site::message(stream, 2, "x", true); }},
      {"no such step", [](Site::Stream& stream) { Site::begin(stream); }},
  }));
  const grpc::Status status = site.call([&talk = talk](Site::Stream& stream) {
    Site::begin(stream);
    Site::folder(stream, "INBOX");
    Site::message(stream, 1, "Subject: one\r\n\r\n");
    talk(stream);
  });
  CHECK(status.error_code() == grpc::StatusCode::INVALID_ARGUMENT);
  CHECK_THAT(status.error_message(), Catch::Contains(what));
  CHECK(site.results() == "1:1 ");
  CHECK(site.inbox().size() == 1);
}

TEST_CASE("an import does not begin with a message", "[lmtp]") {
  Site site;
  const auto talk = GENERATE(
      as<std::function<void(Site::Stream&)>>(), [](Site::Stream& s) { Site::message(s, 1, "x"); },
      [](Site::Stream& s) {
        Site::begin(s);
        Site::message(s, 1, "x");
      });
  CHECK(site.call(talk).error_code() == grpc::StatusCode::INVALID_ARGUMENT);
  CHECK(site.inbox().empty());
}

TEST_CASE("an import is cut off when the program ends", "[lmtp]") {
  Site site;
  const grpc::Status status = site.call([&](Site::Stream& stream) {
    Site::begin(stream);
    Site::folder(stream, "INBOX");
    Site::message(stream, 1, "Subject: one\r\n\r\n");
    for (admin::ImportMailResponse response; stream.Read(&response) && !response.has_message();) {
    }
    site.loop.post([&] { site.stop.request_stop(); });
    for (admin::ImportMailResponse response; stream.Read(&response);) {
    }
  });
  CHECK(status.error_code() == grpc::StatusCode::CANCELLED);
  CHECK(site.inbox().size() == 1);
}

TEST_CASE("an import that cannot go on says why", "[lmtp]") {
  Site site;
  const grpc::Status status = site.call([&](Site::Stream& stream) {
    Site::begin(stream);
    Site::folder(stream, "INBOX");
    for (admin::ImportMailResponse response; stream.Read(&response) && !response.has_folder();) {
    }
    const test::HangingServer hanging;
    Site::message(stream, 1, "Subject: one\r\n\r\n");
    for (admin::ImportMailResponse response; stream.Read(&response) && !response.has_failed();) {
    }
  });
  CHECK(status.error_code() == grpc::StatusCode::UNAVAILABLE);
  CHECK_THAT(status.error_message(), Catch::Contains("time"));
}

TEST_CASE("upkeep forgets the unique ids of messages that are gone", "[lmtp]") {
  House house;
  ImportStore imports(house.database, house.publisher, house.alice);
  std::vector<Incoming> messages;
  messages.push_back(house.message("one", {}, "id-one"));
  messages.push_back(house.message("two", {}, "id-two"));
  house.loop.runUntilDone(imports.store(messages));
  const auto left = [&] {
    return house.stored.transact([&](db::Transaction& transaction) {
      store::MessageRepository(transaction, house.alice)
          .expunge(store::kInbox, {store::Uid{1}}, store::MessageRepository::Which::all);
      return store::UniqueIdRepository(transaction, house.alice).list(store::kInbox).size();
    });
  };
  CHECK(left() == 2);
  const Config config;
  Upkeep upkeep(house.loop, house.database, config, house.log, house.registry);
  house.loop.runUntilDone(upkeep.round({}));
  CHECK(left() == 1);
}
