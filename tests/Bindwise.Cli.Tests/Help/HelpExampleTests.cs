namespace Bindwise.Cli.Tests.Help;

/// <summary>Every example of every help page runs as it stands, one after the other in one empty folder.</summary>
[Trait("Lane", "second")]
public sealed class HelpExampleTests : IDisposable
{
    // What timeout(1) leaves of a line that is still at work after so many seconds: it was understood.
    private const int StillRunning = 137;
    private const string Seconds = "4";

    // A line that writes a file ends by itself, and others read what it wrote.
    private const string SecondsOfWriter = "170";

    private readonly string _folder = Directory.CreateTempSubdirectory("bindwise-examples-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [NamespaceTheory]
    [MemberData(nameof(HelpPages.All), MemberType = typeof(HelpPages))]
    public void Examples_OfAPage_AreUnderstood(string page)
    {
        var examples = HelpPages.Examples(page).Append(page.Length == 0 ? "bindwise" : "").ToList();
        Assert.InRange(examples.Count, 2, 7);
        if (page == "plan")
        {
            File.WriteAllText(Path.Combine(_folder, "compose.yaml"), "services:\n  web:\n    profiles: [dev, test]\n    ports: ['8080:80']\n");
            File.WriteAllText(Path.Combine(_folder, "nginx.conf"), "http { server { listen 80; } }\n");
            File.WriteAllText(Path.Combine(_folder, "haproxy.cfg"), "frontend web\n  bind :8081\n");
        }
        File.CreateSymbolicLink(Path.Combine(_folder, "bindwise"), Bindwise.Path);
        // Broken lines go on, so the shell gets all of them joined, and each is watched on its own.
        foreach (var example in string.Join('\n', examples).Replace("\\\n", "", StringComparison.Ordinal).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            // The unit is not installed here, and no cluster answers.
            if (example.Contains("systemctl", StringComparison.Ordinal) || example.Contains("kubectl", StringComparison.Ordinal))
                continue;
            var isWriter = example.Contains(" > ", StringComparison.Ordinal) || example.Contains(" -o ", StringComparison.Ordinal);
            var run = Bindwise.RunShell(
                "cd \"$F\" && PATH=\"$F:$PATH\" timeout --foreground -s KILL \"$T\" unshare --net --pid --fork --kill-child $P /bin/sh -c \"$E\"",
                // An audit reads /proc of the processes that it is asked about, and what run moves it has to look at.
                new() { ["T"] = isWriter ? SecondsOfWriter : Seconds, ["F"] = _folder, ["HOME"] = _folder, ["XDG_STATE_HOME"] = Path.Combine(_folder, "state"), ["E"] = example.Replace("sudo bindwise", "bindwise", StringComparison.Ordinal), ["P"] = page is "audit" or "run" ? "--mount-proc" : "" });
            Assert.True(run.ExitCode is 0 or 1 or 3 or StillRunning, $"{example}: {run.ExitCode} {run.Errors}");
            Assert.DoesNotContain("see: bindwise", run.Errors, StringComparison.Ordinal);
            Assert.True(run.Output.Length > 0 || isWriter || example.Contains("bindwise wait", StringComparison.Ordinal) || page is "mcp" or "history" or "record" || run.ExitCode == StillRunning || (page == "ls" && run.OneError.StartsWith("bindwise: no port", StringComparison.Ordinal)), example);
        }
    }
}
