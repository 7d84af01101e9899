#include "site_file.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <utility>

#include "base/cursor.h"
#include "config/section.h"
#include "exit_code.h"
#include "sizes.h"

namespace posthouse::mailctl {
namespace {

namespace admin = mail::admin::v1;
using config::Section;

void readQuota(Section& section, std::string_view key, auto set) {
  const auto text = section.optionalText(key);
  if (!text) return;
  try {
    set(parseQuota(*text));
  } catch (const Failure& failure) {
    section.fail(key, failure.what());
  }
}

void readLimit(Section& section, std::string_view key, auto set) {
  if (section.has(key)) set(section.integer(key, 0, 0, 1'000'000'000));
}

void readNames(Section& section, std::string_view key, auto mutableNames) {
  if (!section.has(key)) return;
  admin::SiteNames& names = *mutableNames();
  for (std::string& name : section.list(key)) names.add_names(std::move(name));
}

void read(Section& section, admin::SiteDomain& domain) {
  domain.set_name(section.text("name"));
  if (const auto catchAll = section.optionalText("catch_all")) domain.set_catch_all(*catchAll);
  if (const auto separators = section.optionalText("separators")) domain.set_separators(*separators);
  readQuota(section, "default_quota", [&](std::int64_t octets) { domain.set_default_quota_bytes(octets); });
  readLimit(section, "max_users", [&](std::int64_t most) { domain.set_max_users(most); });
  readLimit(section, "max_aliases", [&](std::int64_t most) { domain.set_max_aliases(most); });
  if (section.has("two_factors"))
    domain.set_two_factors_required(section.choice("two_factors", {"optional", "required"}, "optional") == "required");
}

void read(Section& section, admin::SiteUser& user) {
  user.set_address(section.text("address"));
  if (section.has("enabled")) user.set_enabled(section.flag("enabled", true));
  readQuota(section, "quota", [&](std::int64_t octets) { user.set_quota_bytes(octets); });
  readNames(section, "send_as", [&] { return user.mutable_send_as(); });
  readNames(section, "administers", [&] { return user.mutable_administers(); });
  user.set_password(section.secret("password", ""));
  user.set_password_hash(section.secret("password_hash", ""));
}

void read(Section& section, admin::SiteGroup& group) {
  group.set_address(section.text("address"));
  readNames(section, "members", [&] { return group.mutable_members(); });
  if (group.shared()) {
    readQuota(section, "quota", [&](std::int64_t octets) { group.set_quota_bytes(octets); });
  } else if (section.has("senders")) {
    group.set_members_only(section.choice("senders", {"anyone", "members"}, "anyone") == "members");
  }
}

void read(Section& section, admin::SiteAlias& alias) {
  alias.set_address(section.text("address"));
  readNames(section, "members", [&] { return alias.mutable_members(); });
}

class Reader {
 public:
  explicit Reader(Section root) : root_(std::move(root)) {}

  std::vector<admin::SiteEntry> read() {
    each("domain", [](admin::SiteEntry& entry) { return entry.mutable_domain(); });
    each("user", [](admin::SiteEntry& entry) { return entry.mutable_user(); });
    each("shared", [](admin::SiteEntry& entry) {
      entry.mutable_group()->set_shared(true);
      return entry.mutable_group();
    });
    each("group", [](admin::SiteEntry& entry) { return entry.mutable_group(); });
    each("alias", [](admin::SiteEntry& entry) { return entry.mutable_alias(); });
    root_.rejectUnread();
    return std::move(entries_);
  }

 private:
  void each(std::string_view name, auto make) {
    for (Section& section : root_.tables(name)) {
      admin::SiteEntry& entry = entries_.emplace_back();
      entry.set_place(section.place());
      mailctl::read(section, *make(entry));
      section.rejectUnread();
    }
  }

  Section root_;
  std::vector<admin::SiteEntry> entries_;
};

/// A basic string of TOML.
std::string quoted(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    if (static_cast<unsigned char>(c) < ' ' || c == '\x7f') {
      result += fmt::format("\\u{:04X}", c);
    } else {
      result += c;
    }
  }
  return result + '"';
}

class Writer {
 public:
  void begin(std::string_view name) { text_ += fmt::format("{}[[{}]]\n", text_.empty() ? "" : "\n", name); }
  void text(std::string_view key, const std::string& value) { line(key, quoted(value)); }
  void number(std::string_view key, std::int64_t value) { line(key, std::to_string(value)); }
  void flag(std::string_view key, bool value) { line(key, value ? "true" : "false"); }
  void quota(std::string_view key, std::int64_t octets) { text(key, exactQuota(octets)); }
  void names(std::string_view key, const admin::SiteNames& names) {
    std::vector<std::string> all;
    for (const std::string& name : names.names()) all.push_back(quoted(name));
    line(key, fmt::format("[{}]", fmt::join(all, ", ")));
  }
  std::string take() { return std::move(text_); }

 private:
  void line(std::string_view key, const std::string& value) { text_ += fmt::format("{} = {}\n", key, value); }

  std::string text_;
};

void write(Writer& writer, const admin::SiteDomain& domain) {
  writer.begin("domain");
  writer.text("name", domain.name());
  writer.text("catch_all", domain.catch_all());
  writer.text("separators", domain.separators());
  writer.quota("default_quota", domain.default_quota_bytes());
  writer.number("max_users", domain.max_users());
  writer.number("max_aliases", domain.max_aliases());
  writer.text("two_factors", domain.two_factors_required() ? "required" : "optional");
}

void write(Writer& writer, const admin::SiteUser& user) {
  writer.begin("user");
  writer.text("address", user.address());
  writer.flag("enabled", user.enabled());
  writer.quota("quota", user.quota_bytes());
  if (user.has_send_as()) writer.names("send_as", user.send_as());
  if (user.has_administers()) writer.names("administers", user.administers());
}

void write(Writer& writer, const admin::SiteGroup& group) {
  writer.begin(group.shared() ? "shared" : "group");
  writer.text("address", group.address());
  writer.names("members", group.members());
  if (group.shared()) {
    writer.quota("quota", group.quota_bytes());
  } else {
    writer.text("senders", group.members_only() ? "members" : "anyone");
  }
}

void write(Writer& writer, const admin::SiteAlias& alias) {
  writer.begin("alias");
  writer.text("address", alias.address());
  writer.names("members", alias.members());
}

}  // namespace

std::vector<admin::SiteEntry> readSiteFile(const std::string& text, const std::string& name) {
  config::Errors errors;
  std::vector<admin::SiteEntry> entries;
  try {
    const config::Table root = config::parseToml(text, name);
    entries = Reader(Section("", name, &root, errors)).read();
  } catch (const SyntaxError& error) {
    throw Failure(ExitCode::failed, error.what());
  }
  if (!errors.empty()) throw Failure(ExitCode::failed, fmt::format("{}", fmt::join(errors.lines(), "\n")));
  return entries;
}

std::string siteFile(const std::vector<admin::SiteEntry>& entries) {
  Writer writer;
  for (const admin::SiteEntry& entry : entries) {
    if (entry.has_domain()) write(writer, entry.domain());
    if (entry.has_user()) write(writer, entry.user());
    if (entry.has_group()) write(writer, entry.group());
    if (entry.has_alias()) write(writer, entry.alias());
  }
  return writer.take();
}

}  // namespace posthouse::mailctl
