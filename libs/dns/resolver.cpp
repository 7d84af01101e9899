#include "dns/resolver.h"

#include "dns/name.h"
#include "dns/unbound_context.h"

namespace posthouse::dns {
namespace {

// Types of resource records, RFC 1035 §3.2.2 and RFC 3596 §2.1.
constexpr int kA = 1;
constexpr int kPtr = 12;
constexpr int kMx = 15;
constexpr int kTxt = 16;
constexpr int kAaaa = 28;

}  // namespace

Resolver::Resolver(net::Loop& loop, const ResolverOptions& options)
    : context_(std::make_unique<Context>(loop, options)) {}
Resolver::~Resolver() = default;

template <class Record>
Task<Answer<Record>> Resolver::ask(std::string name, int type, std::optional<Record> (*parse)(std::string_view),
                                   net::Patience patience) {
  const Context::Reply reply = co_await context_->ask(std::move(name), type, patience);
  Answer<Record> answer{.status = reply.status};
  if (!isDefinite(reply.status) || !reply.result) co_return answer;
  const ub_result& result = *reply.result;
  answer.ttl = std::chrono::seconds(result.ttl);
  answer.isSecure = result.secure != 0;
  for (int i = 0; reply.status == Status::ok && result.data[i] != nullptr; ++i) {
    if (auto record = parse({result.data[i], static_cast<std::size_t>(result.len[i])}))
      answer.records.push_back(std::move(*record));
  }
  if (answer.status == Status::ok && answer.records.empty())
    answer.status = Status::servfail;  // not one was well formed
  co_return answer;
}

Task<Answer<std::string>> Resolver::a(std::string name, net::Patience patience) {
  return ask(std::move(name), kA, parseA, patience);
}
Task<Answer<std::string>> Resolver::aaaa(std::string name, net::Patience patience) {
  return ask(std::move(name), kAaaa, parseAaaa, patience);
}
Task<Answer<Mx>> Resolver::mx(std::string name, net::Patience patience) {
  return ask(std::move(name), kMx, parseMx, patience);
}
Task<Answer<std::string>> Resolver::txt(std::string name, net::Patience patience) {
  return ask(std::move(name), kTxt, parseTxt, patience);
}

Task<Answer<std::string>> Resolver::ptr(std::string address, net::Patience patience) {
  const std::optional<std::string> name = reverseName(address);
  if (!name) co_return Answer<std::string>{.status = Status::nxdomain};
  co_return co_await ask(*name, kPtr, parseName, patience);
}

}  // namespace posthouse::dns
