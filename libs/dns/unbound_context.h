#pragma once
#include <unbound.h>
#include <uv.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "dns/resolver.h"
#include "net/wait.h"

namespace posthouse::dns {

/// libunbound's context, whose file descriptor the loop watches.
class Resolver::Context {
 public:
  struct FreeResult {
    void operator()(ub_result* result) const noexcept { ub_resolve_free(result); }
  };
  using Result = std::unique_ptr<ub_result, FreeResult>;

  struct Reply {
    Status status = Status::servfail;
    Result result;  // with ok, nodata and nxdomain
  };

  Context(net::Loop& loop, const ResolverOptions& options);
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
  ~Context();

  Task<Reply> ask(std::string name, int type, net::Patience patience);

 private:
  struct Question {
    Context& context;
    net::Wait& wait;
    Reply reply{};
    int id = 0;
  };
  struct Open;

  void configure(const ResolverOptions& options);
  void start();
  void watch();
  static void onReadable(uv_poll_t* poll, int status, int events);
  static void onAnswer(void* question, int error, ub_result* result);

  net::Loop& loop_;
  ub_ctx* unbound_;
  uv_poll_t* poll_ = nullptr;
  std::map<int, Question*> open_;  // by libunbound's number
  std::vector<int> answered_;      // to be resumed when libunbound has returned
};

}  // namespace posthouse::dns
