#include "engine.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "content.h"
#include "header_fields.h"
#include "rules/rule.h"

namespace posthouse::filterd {

namespace {

using Clock = std::chrono::steady_clock;

double secondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

void refuse(Verdict& verdict, Verdict::Decision decision, std::string_view status, std::string reply) {
  verdict.decision = decision;
  verdict.enhancedStatus = status;
  verdict.reply = std::move(reply);
  verdict.headerFields.clear();
}

void refuseVirus(Verdict& verdict, std::string_view name) {
  verdict.isVirus = true;
  refuse(verdict, Verdict::Decision::reject, "5.7.1", fmt::format("Refused: this message holds a virus ({})", name));
}

}  // namespace

Task<Verdict> Engine::judge(std::string_view message, net::Patience patience) {
  Verdict verdict;
  const auto start = Clock::now();
  runRules(message, verdict);
  metrics_.contentSeconds.Observe(secondsSince(start));
  if (verdict.decision == Verdict::Decision::accept && scanner_) {
    const auto asked = Clock::now();
    co_await askScanner(message, std::move(patience), verdict);
    metrics_.clamdSeconds.Observe(secondsSince(asked));
  }
  co_return verdict;
}

void Engine::runRules(std::string_view message, Verdict& verdict) {
  std::vector<const Rule*> hits;
  forEachText(message, [&](std::string_view octets) {
    for (const Rule& rule : rules()) {
      if (std::ranges::find(hits, &rule) == hits.end() && rule.hits(octets)) hits.push_back(&rule);
    }
  });
  for (const Rule* rule : hits) {
    verdict.symbols.emplace_back(rule->symbol);
    verdict.score += rule->score;
  }
  if (verdict.score >= policy_.rejectScore) {
    refuse(verdict, Verdict::Decision::reject, "5.7.1",
           fmt::format("Refused as spam (score {:.1f} of {:.1f})", verdict.score, policy_.rejectScore));
  }
  const auto virus = std::ranges::find_if(hits, [](const Rule* rule) { return rule->isVirus; });
  if (virus != hits.end()) refuseVirus(verdict, (*virus)->symbol);
  verdict.isSpam = verdict.score >= policy_.spamScore;
  if (verdict.decision == Verdict::Decision::accept) {
    verdict.headerFields = verdictFields(verdict.score, policy_.spamScore, verdict.symbols, "");
  }
}

Task<> Engine::askScanner(std::string_view message, net::Patience patience, Verdict& verdict) {
  VirusScanner::Result result;
  try {
    result = co_await scanner_->scan(message, std::move(patience));
  } catch (const ScannerAway& away) {
    verdict.scannerFailure = away.what();
  }
  if (!verdict.scannerFailure.empty()) {
    verdict.symbols.emplace_back("CLAMAV_AWAY");
    if (policy_.deferWithoutScanner) {
      refuse(verdict, Verdict::Decision::defer, "4.3.0", "The virus scanner does not answer, please try again later");
      co_return;
    }
    metrics_.failOpen.Increment();
  } else if (!result.virus.empty()) {
    verdict.symbols.emplace_back("CLAMAV");
    refuseVirus(verdict, result.virus);
    co_return;
  } else if (!result.complete) {
    verdict.symbols.emplace_back("CLAMAV_PARTIAL");
  }
  verdict.headerFields = verdictFields(verdict.score, policy_.spamScore, verdict.symbols,
                                       result.complete ? policy_.hostname : std::string());
}

}  // namespace posthouse::filterd
