#include "site/apply.h"

#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "site/plan.h"
#include "site/read_site.h"
#include "site/site_messages.h"
#include "statuses.h"

namespace posthouse::accountd {
namespace {

namespace admin = mail::admin::v1;
using grpc::Status;
using grpc::StatusCode;

constexpr std::size_t kMaxEntries = 1'000'000;
constexpr std::size_t kMaxErrors = 20;  // that are told at once
constexpr std::size_t kTogether = 200;  // users in one transaction: each locks its address until the commit

/// What is asked for, or all that is wrong with it.
struct Order {
  admin::ApplyOptions options;
  Site wanted;
};

Task<std::expected<Order, Status>> readOrder(ApplyExchange& exchange) {
  Order order;
  std::vector<std::string> errors;
  std::size_t entries = 0;
  while (std::optional<admin::ApplyRequest> request = co_await exchange.next()) {
    if (request->has_options()) order.options = request->options();
    if (!request->has_entry()) continue;
    if (++entries > kMaxEntries)
      co_return std::unexpected(Status(StatusCode::RESOURCE_EXHAUSTED, "more than a million entries"));
    if (auto refusal = take(request->entry(), order.wanted); refusal && errors.size() < kMaxErrors)
      errors.push_back(std::move(refusal->text));
  }
  if (order.options.prune() && order.wanted.domains.empty())
    errors.push_back("no domain stands there: to prune would remove every one");
  if (errors.empty()) co_return order;
  std::string text;
  for (const std::string& error : errors) text += (text.empty() ? "" : "\n") + error;
  co_return std::unexpected(Status(StatusCode::INVALID_ARGUMENT, text));
}

class Application {
 public:
  Application(ApplyExchange& exchange, Administration& administration, Journal& journal)
      : exchange_(exchange), administration_(administration), journal_(journal) {}

  Task<Status> tellAll(const std::vector<Step>& steps) {
    for (const Step& step : steps) co_await tell(step, step.refusal);
    co_return end();
  }

  Task<Status> performAll(std::vector<Step> steps) {
    for (std::size_t i = 0; i < steps.size() && !clientIsGone_;) {
      if (!steps[i].user) {
        co_await perform(steps[i++]);
        continue;
      }
      const std::size_t first = i;
      while (i < steps.size() && steps[i].user && i - first < kTogether) ++i;
      co_await addUsers(std::span(steps).subspan(first, i - first));
    }
    co_return end();
  }

 private:
  Status end() const { return clientIsGone_ ? Status::CANCELLED : Status::OK; }

  Task<> perform(const Step& step) {
    std::optional<Refusal> refusal = step.refusal;
    if (!refusal) refusal = co_await step.perform(administration_);
    if (!refusal) journal_.changed(step.action, step.object);
    co_await tell(step, refusal);
  }

  Task<> addUsers(std::span<Step> steps) {
    std::vector<store::NewAccount> accounts;
    std::vector<std::optional<Refusal>> refusals;
    for (Step& step : steps) {
      Answer<store::NewAccount> account = co_await administration_.prepareUser(std::move(*step.user));
      refusals.push_back(account ? std::nullopt : std::optional(account.error()));
      if (account) accounts.push_back(*std::move(account));
    }
    const auto added = co_await administration_.addUsers(std::move(accounts));
    auto next = added.begin();
    for (std::size_t i = 0; i < steps.size(); ++i) {
      if (!refusals[i]) {
        if (!*next) refusals[i] = next->error();
        if (*next) journal_.changed("user.add", **next);
        ++next;
      }
      co_await tell(steps[i], refusals[i]);
    }
  }

  Task<> tell(const Step& step, const std::optional<Refusal>& refusal) {
    admin::SiteChange change;
    change.set_action(step.action);
    change.set_object(step.object);
    change.set_what(step.what);
    if (refusal) change.set_error(refusal->text);
    const bool taken = !clientIsGone_ && co_await exchange_.write(change);
    clientIsGone_ = !taken;
  }

  ApplyExchange& exchange_;
  Administration& administration_;
  Journal& journal_;
  bool clientIsGone_ = false;
};

}  // namespace

Task<Status> apply(ApplyExchange& exchange, Administration administration, Journal& journal) {
  const auto order = co_await readOrder(exchange);
  if (!order) co_return order.error();
  const Answer<Site> actual = co_await readSite(administration);
  if (!actual) co_return status(actual.error());
  std::vector<Step> steps =
      plan(*actual, order->wanted, {.prune = order->options.prune(), .deleteMail = order->options.delete_mail()});
  Application application(exchange, administration, journal);
  if (order->options.dry_run()) co_return co_await application.tellAll(steps);
  co_return co_await application.performAll(std::move(steps));
}

}  // namespace posthouse::accountd
