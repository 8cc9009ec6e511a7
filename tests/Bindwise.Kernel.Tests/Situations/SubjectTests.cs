using System.Globalization;
using Bindwise.Kernel.Tests.Answers;
using Bindwise.Kernel.Tests.Isolation;

namespace Bindwise.Kernel.Tests.Situations;

/// <summary>As that program would: as another user, as a process that runs.</summary>
public sealed class SubjectTests
{
    private const string Hold = "hold.py";

    [KernelTheory]
    [InlineData("80 --user 65534", "blocked", "EACCES", "privileged-port")]
    [InlineData("80 --user nobody", "blocked", "EACCES", "privileged-port")]
    [InlineData("80 --user root", "free", null, "free")]
    [InlineData("80/udp --user nobody", "blocked", "EACCES", "privileged-port")]
    [InlineData("8080 --user nobody", "free", null, "free")]
    public async Task Why_AsAUser_IsWhatTheKernelAnswersThatUser(string words, string verdict, string? errno, string cause)
    {
        await using var host = await TestHost.OpenAsync();
        var user = words.EndsWith("root", StringComparison.Ordinal) ? 0 : TestHost.Nobody;
        var answer = await AskAsync(host, words);
        answer.Is(verdict, errno, cause).Has(answer.As is { OtherNetwork: false } subject && subject.UserId == user, "for that user");
        await Answers.Kernel.AgreesAsync(host, user, answer);
    }

    [KernelFact]
    public async Task Why_ReusePortAsTheUserOfTheListener_IsFreeForThatUserOnly()
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsAsync(TestHost.Daemon, Hold, "tcp 0.0.0.0 8080 reuseport listen");
        (await AskAsync(host, "0.0.0.0:8080 --reuse-port --user daemon")).Is("free", null, "free");
        (await AskAsync(host, "0.0.0.0:8080 --reuse-port --user nobody")).Is("blocked", "EADDRINUSE", "reuseport-mismatch");
        (await AskAsync(host, "0.0.0.0:8080 --reuse-port")).Is("blocked", "EADDRINUSE", "reuseport-mismatch");
    }

    [KernelFact]
    public async Task Why_SocketThatOnlyItsOwnUserMayShare_IsFreeForThatUserAlone()
    {
        // A socket in flight: no descriptor leads to its options, and only a bind() by its own user gets in beside it.
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsAsync(TestHost.Daemon, "fly.py", "stream tcp 0.0.0.0 8080 reuseport listen");
        var daemon = await AskAsync(host, "0.0.0.0:8080 --reuse-port --user daemon");
        daemon.Is("free", null, "free");
        var nobody = await AskAsync(host, "0.0.0.0:8080 --reuse-port --user nobody");
        nobody.Has(nobody is { Verdict: "blocked", Errno: "EADDRINUSE" }, "blocked for another user");
    }

    [KernelFact]
    public async Task Why_AsAnotherUserWithoutRights_IsPredictedAndSaysSo()
    {
        await using var host = await TestHost.OpenAsync();
        var answer = await AskAsync(host, "80 --user root", TestHost.Nobody);
        answer.Is("free", null, "free")
            .Has(answer.Attempts.All(static attempt => attempt.Bind is { How: "predicted", Permitted: false }), "the kernel was not asked")
            .Has(answer.Limits.Any(static limit => limit.Id == "not-probed-as"), "the limit not-probed-as");
    }

    [KernelFact]
    public async Task Why_AsOneselfWithoutRights_IsAskedOfTheKernel()
    {
        await using var host = await TestHost.OpenAsync();
        var answer = await AskAsync(host, "8080 --user nobody", TestHost.Nobody);
        answer.Is("free", null, "free").Has(answer.Limits.Count == 0 && answer.Attempts[0].Bind.Permitted, "permitted, without a limit");
    }

    [KernelTheory]
    [InlineData(true, false, "free", null, "free")]
    [InlineData(true, true, "blocked", "EACCES", "privileged-port")]
    [InlineData(false, false, "blocked", "EACCES", "privileged-port")]
    public async Task Why_LowPortAsAProcessOfItsOwnUserNamespace_IsWhatItsCapabilitiesReach(bool ownNetwork, bool drops, string verdict, string? errno, string cause)
    {
        await using var host = await TestHost.OpenAsync();
        var program = await host.StartInOwnUserNamespaceAsync(ownNetwork, drops, Hold, "tcp 0.0.0.0 9000 listen");
        var answer = await AskAsync(host, $"80 --pid {program.Pid}");
        answer.Is(verdict, errno, cause).Has(answer.As is { UserId: TestHost.Nobody } subject && subject.OtherNetwork == ownNetwork && subject.Pid == program.Pid, "that process");
        // The kernel's own word, from within.
        var pid = program.Pid.ToString(CultureInfo.InvariantCulture);
        string[] net = ownNetwork ? ["--net"] : [];
        string[] bounds = drops ? ["setpriv", "--bounding-set", "-all", "--"] : [];
        await Answers.Kernel.AgreesAsync(host, 0, answer, ["nsenter", "--target", pid, "--user", "--setuid", "0", "--setgid", "0", .. net, "--", .. bounds]);
    }

    [KernelFact]
    public async Task Why_AsOnesOwnProcessInANetworkThatMayNotBeEntered_SaysWhatThatNeeds()
    {
        await using var host = await TestHost.OpenAsync();
        var program = await host.StartInOwnUserNamespaceAsync(true, false, Hold, "tcp 0.0.0.0 9000 listen");
        var outcome = await host.RunAsAsync(TestHost.Nobody, null, Programs.Bindwise, "why", "8080", "--pid", program.Pid.ToString(CultureInfo.InvariantCulture));
        Assert.True(outcome.ExitCode == 2 && outcome.Error.Contains("needs root", StringComparison.Ordinal), outcome.ToString());
    }

    [KernelTheory]
    [InlineData("listen reuseaddr", "SO_REUSEADDR")]
    [InlineData("listen reuseport", "SO_REUSEPORT")]
    [InlineData("listen", "")]
    public async Task Why_AsAProcessThatListens_BindsAsItsListenerDid(string words, string options)
    {
        await using var host = await TestHost.OpenAsync();
        var program = await host.StartScriptAsync(Hold, "tcp 0.0.0.0 9000 " + words);
        var answer = await AskAsync(host, $"0.0.0.0:8080 --pid {program.Pid}");
        Assert.Equal(options, string.Join(' ', answer.Attempts.Single(static attempt => attempt.Asked).Options));
        // What is told goes before what is seen.
        answer = await AskAsync(host, $"0.0.0.0:8080 --reuse-address --pid {program.Pid}");
        Assert.Contains("SO_REUSEADDR", answer.Attempts.Single(static attempt => attempt.Asked).Options);
    }

    [KernelFact]
    public async Task Why_AsAProcessOverTheRestOfAnOldServer_GoesByTheOptionsOfTheProcess()
    {
        await Passing.PlayAsync("connect.py", "tcp 0.0.0.0 8080 reuseaddr then server.close client.close listener.close", "TIME_WAIT", async host =>
        {
            var plain = await host.StartScriptAsync(Hold, "tcp 0.0.0.0 9000 listen");
            var reusing = await host.StartScriptAsync(Hold, "tcp 0.0.0.0 9001 reuseaddr listen");
            (await AskAsync(host, $"0.0.0.0:8080 --pid {plain.Pid}")).Is("blocked", "EADDRINUSE", "time-wait");
            (await AskAsync(host, $"0.0.0.0:8080 --pid {reusing.Pid}")).Is("free", null, "free");
        });
    }

    [KernelFact]
    public async Task Why_AsTheProcessThatHoldsThePort_SaysThatItIsTheSame()
    {
        await using var host = await TestHost.OpenAsync();
        var program = await host.StartScriptAsync(Hold, "tcp 0.0.0.0 8080 listen");
        var outcome = await host.ReportAsync($"8080 --verbose --pid {program.Pid}");
        Assert.Equal(1, outcome.ExitCode);
        Assert.Contains("already holds it", outcome.Output, StringComparison.Ordinal);
        Assert.Contains($"  as    hold.py (python3, pid {program.Pid}), user root", outcome.Output, StringComparison.Ordinal);
    }

    [KernelFact]
    public async Task Why_AsAProcessWhoseNumberIsGivenToAnother_DoesNotAnswerForTheOther()
    {
        await using var host = await TestHost.OpenAsync();
        var first = await host.StartScriptAsAsync(TestHost.Nobody, Hold, "tcp 0.0.0.0 9000 listen");
        var pid = first.Pid.ToString(CultureInfo.InvariantCulture);
        // It has found the process and waits for the error text.
        var asking = host.Start(0, Programs.Bindwise, "why", "-", "--pid", pid, "--json");
        await Patience.UntilAsync(() => host.RunAsync("/bin/sh", "-c", "ls -l /proc/[0-9]*/fd | grep -q '\\[pidfd\\]'").Result.ExitCode == 0, "bindwise holds the process");
        await host.SignalAsync(first.Pid, "KILL");
        await host.UntilStateAsync(first.Pid, '-');
        var second = host.Start(0, "/bin/sh", "-c",
            $"echo {first.Pid - 1} > /proc/sys/kernel/ns_last_pid; python3 -B -S {Programs.Script(Hold)} tcp 0.0.0.0 9000 listen & wait");
        await second.ReadyAsync();
        Assert.Equal(first.Pid, second.Pid);
        // On a busy machine it may still have been looking, and know by now.
        _ = await asking.ReportAsync("bind() to 0.0.0.0:8080 failed (98: Address already in use)");
        await asking.EndAsync();
        Assert.Equal(2, asking.ExitCode);
        await Patience.UntilAsync(() => asking.Error.Contains($"bindwise: process {pid} ended meanwhile", StringComparison.Ordinal), "one line that says so");
    }

    [KernelFact]
    public async Task Why_PathAsAUser_GoesByItsUserAndGroups()
    {
        await using var host = await TestHost.OpenAsync();
        var folder = Path.Combine(host.Folder, "of-daemon");
        await host.SetUpAsync($"install -d -m 0770 -o root -g daemon {folder}");
        (await AskAsync(host, folder + "/s --user root")).Is("free", null, "free");
        (await AskAsync(host, folder + "/s --user daemon")).Is("free", null, "free");
        (await AskAsync(host, folder + "/s --user nobody")).Is("blocked", "EACCES", "unix-socket-file");
        var program = await host.StartScriptAsAsync(TestHost.Nobody, Hold, "tcp 127.0.0.1 9000 listen");
        (await AskAsync(host, $"{folder}/s --pid {program.Pid}")).Is("blocked", "EACCES", "unix-socket-file");
        var predicted = await AskAsync(host, folder + "/s --user daemon", TestHost.Nobody);
        predicted.Has(predicted.Limits.Any(static limit => limit.Text.Contains("its own rights", StringComparison.Ordinal)), "a limit");
    }

    [KernelTheory]
    [InlineData("--user nobody-knows", "unknown user 'nobody-knows'")]
    [InlineData("--pid 4194304", "there is no process 4194304")]
    [InlineData("--pid 0", "--pid needs a process id")]
    [InlineData("--pid -1", "--pid needs a process id")]
    [InlineData("--netns nowhere", "there is no network namespace 'nowhere'")]
    [InlineData("--netns /etc/passwd", "/etc/passwd is not a network namespace")]
    [InlineData("--netns /proc/1/ns/user", "/proc/1/ns/user is not a network namespace")]
    [InlineData("--netns /dev/zero", "/dev/zero is not a network namespace")]
    [InlineData("--netns 4194304", "there is no process 4194304")]
    public async Task Why_AsWhatIsNotThere_IsOneLineAndExitCode2(string words, string error)
    {
        await using var host = await TestHost.OpenAsync();
        var outcome = await host.RunAsync([Programs.Bindwise, "why", "8080", .. words.Split(' ')]);
        Assert.True(outcome is { ExitCode: 2, OutputBytes.Length: 0 } && outcome.Error.StartsWith("bindwise: " + error, StringComparison.Ordinal)
            && outcome.Error.Trim().Split('\n').Length == 1, outcome.ToString());
    }

    [KernelFact]
    public async Task Why_AsAProcessFromItsOwnSnapshot_AnswersTheSame()
    {
        await using var host = await TestHost.OpenAsync();
        var program = await host.StartInAnotherNetworkAsync(Hold, "tcp 127.0.0.1 8080 reuseaddr listen", user: TestHost.Nobody);
        var file = Path.Combine(host.Folder, "snapshot.json");
        foreach (var option in new[] { "--json", "--verbose" })
        {
            var live = await host.RunAsync(Programs.Bindwise, "why", "8080", "80", "--pid", program.Pid.ToString(CultureInfo.InvariantCulture), "--save-snapshot", file, option);
            var again = await host.RunAsync(Programs.Bindwise, "why", "--snapshot", file, option);
            Assert.True(live.ExitCode == 1 && again.ExitCode == 1 && SnapshotTests.HasSameAnswer(live.Output, again.Output, option == "--json"), $"{live}\n=== from the snapshot\n{again}");
        }
    }

    private static async Task<Answer> AskAsync(TestHost host, string words, int user = 0) =>
        Assert.Single(Asking.Answers(await host.RunAsAsync(user, null, [Programs.Bindwise, "why", .. words.Split(' '), "--json"])));
}
