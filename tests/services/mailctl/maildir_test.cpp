// Maildirs as other servers leave them, and change them meanwhile.
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "exit_code.h"
#include "maildir/folder_name.h"
#include "maildir/messages.h"
#include "maildir/old_ids.h"
#include "maildir/owner.h"
#include "maildir/tree.h"

using namespace posthouse::mailctl;
using namespace posthouse::mailctl::maildir;
namespace fs = std::filesystem;

namespace {

/// A Maildir of a test's own.
struct House {
  House() {
    std::string pattern = fs::temp_directory_path() / "posthouse-maildir-XXXXXX";
    root = mkdtemp(pattern.data());
    add("");
  }
  House(const House&) = delete;
  House& operator=(const House&) = delete;
  ~House() { fs::remove_all(root); }

  void add(const fs::path& folder) const {
    for (const char* part : {"cur", "new", "tmp"}) fs::create_directories(root / folder / part);
  }
  void write(const fs::path& file, const std::string& octets) const {
    std::ofstream(root / file, std::ios::binary) << octets;
  }
  std::string names() const {
    std::string text;
    for (const Folder& folder : Tree::read(root).folders)
      text += (text.empty() ? "" : ", ") + folder.name + " " + std::to_string(folder.messages);
    return text;
  }

  Owner owner() const { return Owner::of(root); }
  std::string leftOut() const {
    std::string text;
    for (const Tree::LeftOut& each : Tree::read(root).leftOut)
      text += each.path.lexically_relative(root).string() + ": " + each.why + "\n";
    return text;
  }

  fs::path root;
};

std::string contentOf(MessageFile file) {
  std::string content;
  for (std::string piece = file.next(); !piece.empty(); piece = file.next()) {
    CHECK(piece.size() <= MessageFile::kPiece);
    content += piece;
  }
  return content;
}

}  // namespace

TEST_CASE("folders are found, however their server lays them out", "[mailctl]") {
  const House house;
  for (const char* folder : {".Sent", ".Work.Done", ".Entw&APw-rfe", ".Büro", "plain", "plain/be.low/deep"})
    house.add(folder);
  fs::create_directories(house.root / "sieve" / "tmp");
  fs::create_directories(house.root / ".cache");
  house.write("cur/1", "x");
  house.write("cur/.hidden", "x");
  house.write("new/2", "x");
  house.write("plain/be.low/deep/cur/3", "x");
  CHECK(house.names() == "INBOX 2, Büro 0, Entwürfe 0, Sent 0, Work/Done 0, plain 0, plain/be.low/deep 1");
}

TEST_CASE("a folder whose name nobody can read is told apart", "[mailctl]") {
  const House house;
  for (const char* folder :
       {".broken&", ".\xff", ".a&AC8-b", "..double", ".twice..", "fs\xff", ".nul&AAA-", ".tab&AAk-"})
    house.add(folder);
  CHECK(house.names() == "INBOX 0");
  const Tree tree = Tree::read(house.root);
  CHECK(tree.leftOut.size() == 8);
  for (const Tree::LeftOut& each : tree.leftOut) CHECK_THAT(each.why, Catch::Contains("rename it"));
}

TEST_CASE("no symbolic link is followed to another folder", "[mailctl]") {
  const House house;
  const House other;
  other.write("cur/1", "secret");
  fs::create_directory_symlink(other.root, house.root / ".Theirs");
  fs::create_directory_symlink(".", house.root / "loop");
  house.add("within");
  fs::create_directory_symlink("..", house.root / "within/above");
  house.add(".Part");
  fs::remove(house.root / ".Part/cur");
  fs::create_directory_symlink(other.root / "cur", house.root / ".Part/cur");
  house.add(".New");
  fs::remove(house.root / ".New/new");
  fs::create_directory_symlink(other.root / "cur", house.root / ".New/new");
  fs::create_symlink("nowhere", house.root / ".dovecot.sieve");
  CHECK(house.names() == "INBOX 0, within 0");
  const std::string leftOut = house.leftOut();
  for (const char* path : {".Theirs", "loop", "within/above", ".Part/cur", ".New"})
    CHECK_THAT(leftOut, Catch::Contains(std::string(path) + ": it is a symbolic link"));
  CHECK(std::ranges::count(leftOut, '\n') == 5);
}

TEST_CASE("a Maildir's own folder may be a symbolic link", "[mailctl]") {
  const House house;
  house.write("cur/1", "x");
  const House links;
  fs::create_directory_symlink(house.root, links.root / "Maildir");
  CHECK(Tree::read(links.root / "Maildir").folders.at(0).messages == 1);
}

TEST_CASE("what is another user's is not read", "[mailctl]") {
  const House house;
  house.write("cur/1", "x");
  house.write("dovecot-uidlist", "1 5 9\n4 1\n");
  const Owner other(geteuid() + 1);
  CHECK_THROWS_WITH(other.hasFolder(house.root / "cur"), Catch::Contains("belongs to the user with the uid"));
  CHECK_THROWS_WITH(other.open(house.root / "cur/1"), Catch::Contains("belongs to the user with the uid"));
  CHECK_THROWS_WITH(OldIds({house.root, house.root}, other, UidlFormat::parse("%u"), {}),
                    Catch::Contains("dovecot-uidlist: it belongs to the user with the uid"));
  CHECK(house.owner().hasFolder(house.root / "cur"));
  CHECK_FALSE(house.owner().hasFolder(house.root / "nowhere"));
}

TEST_CASE("only a file is read as a list", "[mailctl]") {
  const House house;
  CHECK_FALSE(house.owner().read(house.root / "dovecot-uidlist"));
  REQUIRE(mkfifo((house.root / "pipe").c_str(), 0600) == 0);
  fs::create_directory(house.root / "folder");
  fs::create_symlink("/dev/zero", house.root / "zero");
  house.write("file", std::string(100'000, 'x'));
  fs::create_symlink("file", house.root / "link");
  for (const char* name : {"pipe", "folder", "zero", "link"}) {
    CAPTURE(name);
    CHECK_THROWS_AS(house.owner().read(house.root / name), Failure);
  }
  CHECK(house.owner().read(house.root / "file")->size() == 100'000);
}

TEST_CASE("what is no Maildir is refused", "[mailctl]") {
  const House house;
  CHECK_THROWS_AS(Tree::read(house.root / "nowhere"), Failure);
  CHECK_THROWS_WITH(Tree::read(house.root / "cur"), Catch::Contains("is no Maildir"));
  house.add("user/Maildir");
  CHECK_THROWS_WITH(Tree::read(house.root / "user"), Catch::Contains("did you mean"));
}

TEST_CASE("subscriptions are read from each server's list", "[mailctl]") {
  const auto [text, names] = GENERATE(table<std::string, std::vector<std::string>>({
      {"INBOX\nSent\nWork.Done\nEntw&APw-rfe\n", {"INBOX", "Sent", "Work/Done", "Entwürfe"}},
      {"V\t2\n\nINBOX\nWork\tDone.now\n", {"INBOX", "Work/Done.now"}},
      {"INBOX\nINBOX.Sent\nINBOX.Work.Done", {"INBOX", "Sent", "Work/Done"}},
      {"INBOX\na/b.c/d\nplain\n", {"INBOX", "a/b.c/d", "plain"}},
      {"", {}},
      {"..\n&\n\n", {}},
  }));
  CAPTURE(text);
  CHECK(parseSubscriptions(text) == names);
}

TEST_CASE("lines of a message end with CRLF, whatever the file has", "[mailctl]") {
  const House house;
  const auto [file, message] = GENERATE(table<std::string, std::string>({
      {"a\nb\n", "a\r\nb\r\n"},
      {"a\r\nb\r\n", "a\r\nb\r\n"},
      {"a\r\nb\nc", "a\r\nb\r\nc"},
      {"a\rb\n\r\n\n\r", "a\rb\r\n\r\n\r\n\r"},
      {std::string("\0\n\xff", 3), std::string("\0\r\n\xff", 4)},
      {"", ""},
      {std::string(MessageFile::kPiece / 2 - 1, 'x') + "\r\n\n",
       std::string(MessageFile::kPiece / 2 - 1, 'x') + "\r\n\r\n"},
      {std::string(MessageFile::kPiece, '\n'),
       [] {
         std::string lines;
         for (std::size_t i = 0; i < MessageFile::kPiece; ++i) lines += "\r\n";
         return lines;
       }()},
  }));
  house.write("cur/1", file);
  Messages::Entry entry{"1", false};
  CHECK(contentOf(*Messages(house.root, house.owner()).open(entry)) == message);
}

TEST_CASE("a message is found under the name that it has now", "[mailctl]") {
  const House house;
  house.write("new/1.a", "one");
  house.write("cur/2.b:2,", "two");
  house.write("cur/3.c:2,", "three");
  std::vector<Messages::Entry> entries = Messages::scan(house.root, house.owner());
  REQUIRE(entries.size() == 3);
  fs::rename(house.root / "new/1.a", house.root / "cur/1.a:2,S");
  fs::rename(house.root / "cur/2.b:2,", house.root / "cur/2.b:2,F");
  fs::remove(house.root / "cur/3.c:2,");
  Messages messages(house.root, house.owner());
  CHECK(contentOf(*messages.open(entries[0])) == "one");
  CHECK(entries[0].path() == "cur/1.a:2,S");
  fs::rename(house.root / "cur/2.b:2,F", house.root / "cur/2.b:2,FS");
  CHECK(contentOf(*messages.open(entries[1])) == "two");
  CHECK(entries[1].name == "2.b:2,FS");
  CHECK_FALSE(messages.open(entries[2]));
}

TEST_CASE("a message that moves while its folder is listed is there once", "[mailctl]") {
  const House house;
  house.write("new/1.a", "one");
  house.write("cur/1.a:2,S", "one");
  const auto entries = Messages::scan(house.root, house.owner());
  REQUIRE(entries.size() == 1);
  CHECK_FALSE(entries[0].isNew);
}

TEST_CASE("what is no file cannot be a message", "[mailctl]") {
  const House house;
  fs::create_directory(house.root / "cur/1.folder");
  REQUIRE(mkfifo((house.root / "cur/2.pipe").c_str(), 0600) == 0);
  house.write("secret", "x");
  fs::create_symlink("../secret", house.root / "cur/3.link");
  for (const char* name : {"1.folder", "2.pipe", "3.link"}) {
    Messages::Entry entry{name, false};
    CHECK_THROWS_AS(Messages(house.root, house.owner()).open(entry), Failure);
  }
}

TEST_CASE("the time of a file is that of its message", "[mailctl]") {
  const House house;
  house.write("cur/1", "x");
  const timespec times[] = {{1'600'000'000, 0}, {1'500'000'000, 250'000'000}};
  REQUIRE(utimensat(AT_FDCWD, (house.root / "cur/1").c_str(), times, 0) == 0);
  Messages::Entry entry{"1", false};
  const auto file = Messages(house.root, house.owner()).open(entry);
  CHECK(file->modified() == std::chrono::system_clock::time_point(std::chrono::milliseconds(1'500'000'000'250)));
}

TEST_CASE("unique ids come from the list that there is", "[mailctl]") {
  const House house;
  const UidlFormat format = UidlFormat::parse("%v.%u.%g");
  std::vector<std::string> complaints;
  const auto complain = [&](const fs::path& file, std::size_t line, const std::string&) {
    complaints.push_back(file.filename().string() + ":" + std::to_string(line));
  };
  const auto idsOf = [&](const fs::path& control) {
    return OldIds({control, house.root}, house.owner(), format, complain);
  };
  CHECK_FALSE(idsOf(house.root).areKnown());

  house.write("courierpop3dsizelist", "/2 9 16\n1.a 30 7:16\n");
  CHECK(idsOf(house.root).find("1.a")->uniqueId == "UID7-16");
  CHECK_FALSE(idsOf(house.root).find("2.b"));

  house.write("dovecot-uidlist", "3 V5 N9\n1 :1.a\n2 Pkept :2.b\n3 Gname :3.c\nbroken\n5 P :5.e:2,S\n");
  const OldIds ids = idsOf(house.root);
  CHECK(ids.areOfBoth());
  CHECK(ids.find("1.a")->uniqueId == "5.1.1.a");
  CHECK_FALSE(ids.find("1.a")->isExplicit);
  CHECK(ids.find("2.b")->uniqueId == "kept");
  CHECK(ids.find("2.b")->isExplicit);
  CHECK(ids.find("3.c")->uniqueId == "5.3.name");
  CHECK(ids.find("3.c")->uid == 3);
  CHECK(ids.find("5.e")->uniqueId == "5.e");
  CHECK(ids.find("5.e")->isExplicit);
  CHECK(complaints == std::vector<std::string>{"dovecot-uidlist:5"});

  house.write("dovecot-uidlist", "nonsense");
  CHECK_THROWS_WITH(idsOf(house.root), Catch::Contains("dovecot-uidlist:1: "));

  fs::create_directory(house.root / "control");
  house.write("control/dovecot-uidlist", "1 5 9\n4 1.a\n");
  CHECK(idsOf(house.root / "control").find("1.a")->uniqueId == "5.4.1.a");
}
