using System.Globalization;
using System.Text.RegularExpressions;
using Bindwise.Kernel.Tests.Isolation;

namespace Bindwise.Kernel.Tests.Supervising;

/// <summary>run by root, of a program with fewer rights: what is said to the program is what its own user may know.</summary>
[Trait("Lane", "second")]
public sealed class RunKnowledgeTests
{
    private const string Holder =
        "import json, os, socket, sys; s = socket.create_server(('127.0.0.1', 8080)); print(json.dumps({'pid': os.getpid()}), flush=True); sys.stdin.read()";

    private const string Telling = "payroll_of_march.py";
    private const string Privileges = "import os; os.setgroups([]); os.setgid(65534); os.setuid(65534)\n";
    private const string Binds = "import socket, sys; s = socket.socket()\ntry: s.bind(('127.0.0.1', 8080))\nexcept OSError: sys.exit(3)";

    private static readonly string[] Run = [Programs.Bindwise, "run", "--"];
    private static readonly string[] Program = ["python3", "-B", "-S", "-c", Binds];
    private static readonly string[] InUserNamespace = ["unshare", "--user", "--map-root-user", .. Program];
    private static readonly string[] AsNobody = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"];

    public static TheoryData<string, int, string[]> LesserPrograms => new()
    {
        { "of another user, against root", 0, [.. Run, .. AsNobody, .. Program] },
        { "of another user, against a third one", TestHost.Daemon, [.. Run, .. AsNobody, .. Program] },
        { "that drops its rights itself", 0, [.. Run, "python3", "-B", "-S", "-c", Privileges + Binds] },
        { "of root without capabilities", 0, [.. Run, "setpriv", "--bounding-set", "-all", "--inh-caps", "-all", .. Program] },
        { "in a user namespace", 0, [.. Run, .. AsNobody, .. InUserNamespace] },
        { "in a user namespace, and its events are told", 0, [Programs.Bindwise, "run", "--events", "/dev/null", "--", .. AsNobody, .. InUserNamespace] },
        { "in a user namespace, held", 0, [Programs.Bindwise, "run", "--hold", "--restart=never", "--", .. AsNobody, .. InUserNamespace] },
        { "in a user namespace, with another port moved", 0, [Programs.Bindwise, "run", "--port", "1=2", "--", .. AsNobody, .. InUserNamespace] },
        { "in a PID namespace", 0, [.. Run, "unshare", "--pid", "--fork", "--mount-proc", .. AsNobody, .. Program] },
        { "of another user, held", 0, [Programs.Bindwise, "run", "--hold", "--restart=never", "--", .. AsNobody, .. Program] },
        { "of another user, told to wait", 0, [Programs.Bindwise, "run", "--wait=1s", "--", .. AsNobody, .. Program] },
    };

    [KernelTheory("setpriv", "unshare")]
    [MemberData(nameof(LesserPrograms))]
    public async Task Program_OfLessRights_IsNotToldWhatRootSees(string what, int holderUser, string[] command)
    {
        await using var host = await TestHost.OpenAsync();
        var holder = await HoldAsync(host, holderUser);
        string[] whole = [.. command[..2], "--report", Path.Combine(host.Folder, "report"), .. command[2..]];
        var outcome = await host.RunAsync(whole);

        Assert.True(outcome.ExitCode == 3, $"{what}: {outcome}");
        Assert.Matches("failed: EADDRINUSE|waits until", outcome.Error);
        Assert.DoesNotContain("payroll", outcome.Error, StringComparison.Ordinal);
        Assert.DoesNotMatch(Naming(holder.Pid), outcome.Error);
        // Whoever started bindwise opened that file.
        Assert.Contains("payroll", await File.ReadAllTextAsync(Path.Combine(host.Folder, "report")), StringComparison.Ordinal);
    }

    [KernelFact]
    public async Task Program_OfTheSameRights_IsToldAll()
    {
        await using var host = await TestHost.OpenAsync();
        var holder = await HoldAsync(host, 0);
        var outcome = await host.RunAsync([.. Run, .. Program]);
        Assert.Contains("payroll", outcome.Error, StringComparison.Ordinal);
        Assert.Matches(Naming(holder.Pid), outcome.Error);
    }

    [KernelFact("setpriv")]
    public async Task Program_OfAnotherUser_IsToldOfItsUsersOwnProcesses()
    {
        await using var host = await TestHost.OpenAsync();
        var holder = await HoldAsync(host, TestHost.Nobody);
        var outcome = await host.RunAsync([.. Run, .. AsNobody, .. Program]);
        Assert.Contains("payroll", outcome.Error, StringComparison.Ordinal);
        Assert.Matches(Naming(holder.Pid), outcome.Error);
    }

    // What the kernel will say is asked beforehand, with rights like the program's, as a thread of this process cannot have its namespace's.
    [KernelTheory("unshare")]
    [InlineData("s.bind(('127.0.0.1', 80))", "127.0.0.1:80 failed: EACCES")]
    [InlineData("s.setsockopt(1, 15, 1); s.bind(('127.0.0.1', 8080))", "127.0.0.1:8080 failed: EADDRINUSE")]
    [InlineData("s.bind(('127.0.0.1', 8080))", "127.0.0.1:8080 failed: EADDRINUSE")]
    [InlineData("u = socket.socket(socket.AF_UNIX); u.bind('@app'.replace('@', chr(0))); socket.socket(socket.AF_UNIX).bind('@app'.replace('@', chr(0)))", "@app failed: EADDRINUSE")]
    [InlineData("u = socket.socket(socket.AF_UNIX); u.bind('app.sock'); socket.socket(socket.AF_UNIX).bind('app.sock')", "app.sock failed: EADDRINUSE")]
    public async Task Program_OfAnotherUserNamespace_IsToldWhyItsCallFails(string call, string told)
    {
        await using var host = await TestHost.OpenAsync();
        await HoldAsync(host, 0);
        var events = Path.Combine(host.Folder, "events");
        var script = $"import os, socket, sys\nos.chdir('{host.Folder}')\ns = socket.socket()\ntry: {call}\nexcept OSError: sys.exit(3)";
        foreach (var verb in (string[][])[["run"], ["run", "--hold", "--restart=never"]])
        {
            File.Delete(Path.Combine(host.Folder, "app.sock"));
            File.Delete(events);
            var outcome = await host.RunAsync([Programs.Bindwise, .. verb, "--events", events, "--", "unshare", "--user", "--map-root-user", "python3", "-B", "-S", "-c", script]);
            Assert.True(outcome.ExitCode == 3, outcome.ToString());
            Assert.Contains(told, outcome.Error, StringComparison.Ordinal);
            // It has every capability, and none that counts: one from its file would be no other.
            Assert.DoesNotContain("setcap", outcome.Error, StringComparison.Ordinal);
            Assert.DoesNotContain("AmbientCapabilities", outcome.Error, StringComparison.Ordinal);
            Assert.Contains("\"bind-failed\"", await File.ReadAllTextAsync(events), StringComparison.Ordinal);
        }
    }

    // The supervisor's own descriptors are what every thread of it may see, whichever user it has become.
    [KernelTheory("setpriv", "unshare")]
    [InlineData("setpriv --reuid 65534 --regid 65534 --clear-groups")]
    [InlineData("unshare --user --map-root-user")]
    public async Task Program_OfLessRights_IsNotToldOfItsSupervisor(string with)
    {
        await using var host = await TestHost.OpenAsync();
        var (holds, binds) = (Path.Combine(host.Folder, "holds.py"), Path.Combine(host.Folder, "binds.py"));
        await File.WriteAllTextAsync(holds, Holder.Replace("sys.stdin.read()", "open('held', 'w').close(); import time; time.sleep(600)", StringComparison.Ordinal));
        await File.WriteAllTextAsync(binds, Binds);
        var script = $"cd {host.Folder}; python3 -B -S {holds} & until [ -e held ]; do sleep 0.02; done; {with} python3 -B -S {binds}; code=$?; kill $!; exit $code";
        var outcome = await host.RunAsync(Programs.Bindwise, "run", "--hold", "--restart=never", "--", "sh", "-c", script);
        Assert.True(outcome.ExitCode == 3, outcome.ToString());
        Assert.Contains("127.0.0.1:8080 failed: EADDRINUSE", outcome.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("keeps the socket", outcome.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("Close bindwise", outcome.Error, StringComparison.Ordinal);
    }

    private static Regex Naming(int pid) => new(string.Create(CultureInfo.InvariantCulture, $@"(\bpid|\bkill( -\w+)*) {pid}\b"));

    private static async Task<TestProgram> HoldAsync(TestHost host, int user)
    {
        var script = Path.Combine(host.Folder, Telling);
        await File.WriteAllTextAsync(script, Holder);
        var holder = host.Start(user, "python3", "-B", "-S", script);
        await holder.ReadyAsync();
        return holder;
    }
}
