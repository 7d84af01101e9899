#include "dns/unbound_context.h"

#include <fmt/format.h>

namespace posthouse::dns {
namespace {

void check(int error, std::string_view what) {
  if (error != 0) throw std::runtime_error(fmt::format("DNS: {}: {}", what, ub_strerror(error)));
}

Status statusOf(int error, const ub_result* answer) {
  if (error != 0 || answer == nullptr) return error == UB_SYNTAX ? Status::nxdomain : Status::servfail;
  const ub_result& result = *answer;
  if (result.bogus) return Status::bogus;
  if (result.havedata) return Status::ok;
  if (result.nxdomain) return Status::nxdomain;
  return result.rcode == 0 ? Status::nodata : Status::servfail;
}

}  // namespace

/// The question is known to libunbound for as long as this lives.
struct Resolver::Context::Open {
  Question& question;

  Open(Question& asked, const std::string& name, int type, int& error) : question(asked) {
    error = ub_resolve_async(asked.context.unbound_, name.c_str(), type, 1, &asked, onAnswer, &asked.id);
    if (error == 0) asked.context.open_.emplace(asked.id, &asked);
  }
  Open(const Open&) = delete;
  Open& operator=(const Open&) = delete;
  ~Open() {
    if (question.context.open_.erase(question.id) != 0) ub_cancel(question.context.unbound_, question.id);
  }
};

Resolver::Context::Context(net::Loop& loop, const ResolverOptions& options) : loop_(loop), unbound_(ub_ctx_create()) {
  if (unbound_ == nullptr) throw std::runtime_error("DNS: libunbound cannot be started");
  try {
    configure(options);
    start();
    watch();
  } catch (...) {
    ub_ctx_delete(unbound_);
    throw;
  }
}

Resolver::Context::~Context() {
  uv_close(reinterpret_cast<uv_handle_t*>(poll_),
           [](uv_handle_t* handle) { delete reinterpret_cast<uv_poll_t*>(handle); });
  ub_ctx_delete(unbound_);
}

void Resolver::Context::configure(const ResolverOptions& options) {
  check(ub_ctx_async(unbound_, 1), "threads");
  for (const net::Address& server : options.servers) {
    const std::string address = fmt::format("{}@{}", server.host, server.port == 0 ? 53 : server.port);
    check(ub_ctx_set_fwd(unbound_, address.c_str()), server.text());
  }
  if (options.servers.empty()) check(ub_ctx_resolvconf(unbound_, nullptr), "/etc/resolv.conf");
  if (!options.trustAnchorFile.empty())
    check(ub_ctx_add_ta_file(unbound_, options.trustAnchorFile.c_str()), options.trustAnchorFile);
  // A server on this machine is as good as another, and one that was away is asked again within the minute.
  check(ub_ctx_set_option(unbound_, "do-not-query-localhost:", "no"), "do-not-query-localhost");
  check(ub_ctx_set_option(unbound_, "infra-host-ttl:", "30"), "infra-host-ttl");
  check(ub_ctx_set_option(unbound_, "unblock-lan-zones:", "yes"), "unblock-lan-zones");
  // libunbound would say itself that nothing is under these names; our servers may know better.
  for (const char* zone : {"test.", "home.arpa."}) check(ub_ctx_zone_remove(unbound_, zone), zone);
}

/// libunbound starts its thread at the first question, and ends the program if there are no descriptors for it then. So
/// that is asked now: what it answers by itself.
void Resolver::Context::start() {
  const auto drop = [](void*, int, ub_result* result) { ub_resolve_free(result); };
  constexpr int kAddress = 1;
  constexpr int kInternet = 1;
  check(ub_resolve_async(unbound_, "localhost.", kAddress, kInternet, nullptr, drop, nullptr), "a first question");
  check(ub_wait(unbound_), "the first answer");
}

void Resolver::Context::watch() {
  auto poll = std::make_unique<uv_poll_t>();
  if (uv_poll_init(loop_.uv(), poll.get(), ub_fd(unbound_)) != 0)
    throw std::runtime_error("DNS: cannot watch libunbound");
  poll_ = poll.release();
  poll_->data = this;
  uv_poll_start(poll_, UV_READABLE, onReadable);
}

void Resolver::Context::onReadable(uv_poll_t* poll, int, int) {
  auto& self = *static_cast<Context*>(poll->data);
  ub_process(self.unbound_);
  // Only now: whoever is resumed may ask again or take back another question.
  const std::vector<int> answered = std::exchange(self.answered_, {});
  for (const int id : answered) {
    const auto found = self.open_.find(id);
    if (found == self.open_.end()) continue;
    Question& question = *found->second;
    self.open_.erase(found);
    question.wait.finish();
  }
}

void Resolver::Context::onAnswer(void* asked, int error, ub_result* result) {
  auto& question = *static_cast<Question*>(asked);
  question.reply.result.reset(result);
  question.reply.status = statusOf(error, result);
  question.context.answered_.push_back(question.id);
}

Task<Resolver::Context::Reply> Resolver::Context::ask(std::string name, int type, net::Patience patience) {
  net::Wait wait(loop_, patience);
  Question question{*this, wait};
  int error = 0;
  const Open open(question, name, type, error);
  if (error != 0) co_return Reply{statusOf(error, nullptr), {}};
  try {
    co_await wait;
  } catch (const net::Interrupted& interrupted) {
    if (interrupted.why != net::Interrupt::timeout) throw;
    co_return Reply{Status::timeout, {}};
  }
  co_return std::move(question.reply);
}

}  // namespace posthouse::dns
