using System.Text;
using Bindwise.Linux.Native;
using Bindwise.Linux.Processes.StartedFrom;

namespace Bindwise.Linux.Tests.Processes.StartedFrom;

public sealed class GitBranchTests : IDisposable
{
    private const string Hash = "3f786850e387550fdab836ed7e6dc881de23001b";

    private readonly string _folder = Directory.CreateTempSubdirectory("bindwise-git-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("ref: refs/heads/main\n", "main")]
    [InlineData("ref: refs/heads/feature/größe-2", "feature/größe-2")]
    [InlineData(Hash + "\n", "3f78685")]
    [InlineData("ref: refs/heads/a b\n", null)]
    [InlineData("ref: refs/heads/a\u001b[31m\n", null)]
    [InlineData("ref: refs/heads/.invalid\n", null)]
    [InlineData("ref: refs/heads/../x\n", null)]
    [InlineData("ref: refs/heads/\n", null)]
    [InlineData("ref: refs/remotes/origin/main\n", null)]
    [InlineData("root:x:0:0\n", null)]
    [InlineData("3f78685\n", null)]
    [InlineData("", null)]
    public void Head_IsTheNameOfABranchOrTheBeginningOfAHash(string head, string? expected) => Assert.Equal(expected, GitBranch.Understand(Encoding.UTF8.GetBytes(head)));

    [Fact]
    public void Head_BytesThatAreNoText_AreNothing() => Assert.Null(GitBranch.Understand([.. "ref: refs/heads/"u8, 0xff, 0xfe]));

    [Fact]
    public void Branch_OfAWorkingTree_IsRead()
    {
        MakeRepository("main");
        Assert.Equal((true, "main"), Read(_folder));
        Assert.Equal((false, (string?)null), Read(Path.Combine(_folder, ".git")));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Branch_OfAWorktree_IsItsOwn(bool isRelative)
    {
        MakeRepository("main");
        var linked = Directory.CreateDirectory(Path.Combine(_folder, ".git", "worktrees", "fix")).FullName;
        File.WriteAllText(Path.Combine(linked, "HEAD"), "ref: refs/heads/fix\n");
        var tree = Directory.CreateDirectory(Path.Combine(_folder, "fix")).FullName;
        File.WriteAllText(Path.Combine(tree, ".git"), $"gitdir: {(isRelative ? "../.git/worktrees/fix" : linked)}\n");
        Assert.Equal((true, "fix"), Read(tree));
        // On a file system of the network nothing is opened.
        Assert.True(GitBranch.TryRead(tree, static _ => false, out var branch));
        Assert.Null(branch);
    }

    [Fact]
    public void Head_ThatIsALinkOrAPipeOrAFolder_IsNotRead()
    {
        MakeRepository("main");
        var head = Path.Combine(_folder, ".git", "HEAD");
        var aside = Path.Combine(_folder, "aside");
        File.Move(head, aside);
        File.CreateSymbolicLink(head, aside);
        Assert.Equal((true, (string?)null), Read(_folder));
        File.Delete(head);
        using (var made = System.Diagnostics.Process.Start("mkfifo", head))
            made.WaitForExit();
        Assert.Equal((true, (string?)null), Read(_folder));
        File.Delete(head);
        Directory.CreateDirectory(head);
        Assert.Equal((true, (string?)null), Read(_folder));
    }

    [Fact]
    public void Folder_BehindALink_IsNotFollowed()
    {
        MakeRepository("main");
        var tree = Directory.CreateDirectory(Path.Combine(_folder, "tree")).FullName;
        Directory.CreateSymbolicLink(Path.Combine(_folder, "link"), Path.Combine(_folder, ".git"));
        File.WriteAllText(Path.Combine(tree, ".git"), $"gitdir: {_folder}/link\n");
        Assert.Equal((true, (string?)null), Read(tree));
        Assert.Equal(Errno.ELOOP, PlainFile.Read(Encoding.UTF8.GetBytes($"{_folder}/link/HEAD\0"), 16, out _));
        Directory.Delete(Path.Combine(_folder, "link"));
    }

    [Fact]
    public void PlainFile_IsCutAtTheLimit()
    {
        File.WriteAllText(Path.Combine(_folder, "long"), new string('x', 100));
        Assert.Equal(Errno.None, PlainFile.Read(Encoding.UTF8.GetBytes($"{_folder}/long\0"), 16, out var bytes));
        Assert.Equal(16, bytes.Length);
    }

    private static (bool Has, string? Branch) Read(string folder) => (GitBranch.TryRead(folder, static _ => true, out var branch), branch);

    private void MakeRepository(string branch)
    {
        Directory.CreateDirectory(Path.Combine(_folder, ".git"));
        File.WriteAllText(Path.Combine(_folder, ".git", "HEAD"), $"ref: refs/heads/{branch}\n");
    }
}
