using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Bindwise.Tests.Listening;
using IsolatedProcess;

namespace Bindwise.Tests.Asking;

/// <summary>The question asked in one's own process.</summary>
public sealed class AskTests
{
    [IsolatedFact]
    public Task Ask_APortThatThisProcessListensOn_NamesIt() => Body.RunAsync(static async () =>
    {
        using var listener = new TcpListener(IPAddress.Loopback, 8080);
        listener.Start();
        var answer = await PortDiagnostics.DiagnoseAsync(PortQuery.Of(8080));
        Assert.Equal((Verdict.Blocked, "EADDRINUSE"), (answer.Verdict, answer.Errno));
        Assert.Equal(Environment.ProcessId, Assert.Single(Assert.Single(answer.Blockers).Owners).Process.Id);
        Assert.Equal(Verdict.Free, PortDiagnostics.Diagnose(PortQuery.Of(8081)).Verdict);
        Assert.Equal(Verdict.Free, PortDiagnostics.Diagnose(PortQuery.Of(new IPEndPoint(IPAddress.Loopback, 8080), Transports.Udp)).Verdict);
        Assert.Equal(Verdict.Free, PortDiagnostics.Diagnose(PortQuery.Of(new IPEndPoint(IPAddress.IPv6Loopback, 8080))).Verdict);
    });

    [IsolatedFact]
    public Task Ask_Portable_TellsWithoutOwners() => Body.RunAsync(static () =>
    {
        using var listener = new TcpListener(IPAddress.Loopback, 8080);
        listener.Start();
        var answer = PortDiagnostics.Diagnose(PortQuery.Of(8080) with { Portable = true });
        Assert.Equal(Verdict.Blocked, answer.Verdict);
        Assert.NotNull(answer.Portable);
        Assert.Empty(answer.Blockers);
        return Task.CompletedTask;
    });

    [IsolatedFact]
    public Task Ask_OverTimeWait_DependsOnTheOptionThatDotNetSets() => Body.RunAsync(static async () =>
    {
        using (var listener = new TcpListener(IPAddress.Loopback, 8080))
        {
            listener.Start();
            using var client = new TcpClient("127.0.0.1", 8080);
            listener.AcceptSocket().Dispose();
        }
        await Situation.TimeWaitIsThereAsync(8080);
        var question = PortQuery.Of(8080);
        // Without options it is asked for a server that sets SO_REUSEADDR, as .NET does.
        Assert.Equal((Verdict.Free, Cause.TimeWait), (PortDiagnostics.Diagnose(question).Verdict, PortDiagnostics.Diagnose(question).Cause));
        Assert.Equal(Verdict.Free, PortDiagnostics.Diagnose(question with { Settings = new SocketSettings { ReuseAddress = true } }).Verdict);
        Assert.Equal(Verdict.Blocked, PortDiagnostics.Diagnose(question with { Settings = new SocketSettings { ReuseAddress = false } }).Verdict);
    });

    [IsolatedFact]
    public Task Ask_AUnixSocket_NamesIt() => Body.RunAsync(static () =>
    {
        var path = Path.Combine(Directory.CreateTempSubdirectory("bindwise-ask-").FullName, "app.sock");
        var endpoint = new UnixDomainSocketEndPoint(path);
        using (var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            listener.Bind(endpoint);
            listener.Listen();
            Assert.Equal(Verdict.Blocked, PortDiagnostics.Diagnose(PortQuery.Of(endpoint)).Verdict);
        }
        Assert.Equal(Verdict.Free, PortDiagnostics.Diagnose(PortQuery.Of(endpoint)).Verdict);
        Directory.Delete(Path.GetDirectoryName(path)!);
        return Task.CompletedTask;
    });

    [IsolatedFact]
    public Task Ask_AsAnotherUser_AnswersForHim() => Body.RunAsync(static () =>
    {
        var question = PortQuery.Of(80) with { As = new SubjectSelector { User = "65534" } };
        var answer = PortDiagnostics.Diagnose(question);
        Assert.Equal((Verdict.Blocked, "EACCES"), (answer.Verdict, answer.Errno));
        Assert.Contains("excludes Portable", Assert.Throws<PortQueryException>(() => PortDiagnostics.Diagnose(question with { Portable = true })).Message, StringComparison.Ordinal);
        Assert.Throws<PortQueryException>(static () => PortDiagnostics.Diagnose(PortQuery.Of(80) with { As = new SubjectSelector { Process = "4000000" } }));
        return Task.CompletedTask;
    });

    [IsolatedFact]
    public Task Ask_WhatTheSystemCannotAnswer_SaysWhyInOneLine() => Body.RunAsync(static async () =>
    {
        foreach (var question in (PortQuery[])[PortQuery.Parse("nosuchservice"), PortQuery.Parse("no-such-host.invalid:80")])
        {
            foreach (var portable in (bool[])[false, true])
            {
                var fault = await Assert.ThrowsAsync<PortQueryException>(() => PortDiagnostics.DiagnoseAsync(question with { Portable = portable }));
                Assert.Matches("^unknown (service|host) 'no", fault.Message);
                Assert.DoesNotContain('\n', fault.Message);
                Assert.NotNull(fault.InnerException);
            }
        }
    });

    [IsolatedFact]
    public Task Ask_AboutAHostileProcess_MasksItsSecretsAndEscapesItsName() => Body.RunAsync(static _ =>
    {
        File.WriteAllText("/proc/self/comm", "\u001b[31mred\u202e\n");
        using var listener = new TcpListener(IPAddress.Loopback, 8080);
        listener.Start();
        var answer = PortDiagnostics.Diagnose(PortQuery.Of(8080) with { Verbose = true });
        foreach (var text in (string[])[answer.ToText(Detail.Verbose), answer.ToJson()])
        {
            Assert.DoesNotContain("hunter2", text, StringComparison.Ordinal);
            Assert.Contains("***", text, StringComparison.Ordinal);
            Assert.DoesNotContain('\u001b', text);
        }
        Assert.DoesNotContain('\u202e', answer.ToText());
        Assert.Contains("hunter2", PortDiagnostics.Diagnose(PortQuery.Of(8080) with { ShowSecrets = true }).ToJson(), StringComparison.Ordinal);
        return Task.CompletedTask;
    }, "--password=hunter2");

    [IsolatedFact]
    public Task AskAsync_From32TasksAtOnce_AgreesAndLeaksNothing() => Body.RunAsync(static async () =>
    {
        using var listener = new TcpListener(IPAddress.Loopback, 8080);
        listener.Start();
        await PortDiagnostics.DiagnoseAsync(PortQuery.Of(8080));
        var before = OpenDescriptors.Read();
        var answers = await Task.WhenAll(Enumerable.Range(0, 32).Select(static index => PortDiagnostics.DiagnoseAsync(PortQuery.Of(index % 2 == 0 ? 8080 : 18080))));
        Assert.All(answers, static (answer, index) => Assert.Equal(index % 2 == 0 ? Verdict.Blocked : Verdict.Free, answer.Verdict));

        var cancelled = 0;
        await Task.WhenAll(Enumerable.Range(0, 100).Select(async index =>
        {
            using var end = new CancellationTokenSource(TimeSpan.FromMilliseconds(index / 4.0));
            try
            {
                await PortDiagnostics.DiagnoseAsync(PortQuery.Of(8080), end.Token);
            }
            catch (OperationCanceledException)
            {
                Interlocked.Increment(ref cancelled);
            }
        }));
        Assert.InRange(cancelled, 1, 100);
        await OpenDescriptors.AssertNoMoreThanAsync(before);
    });

    [IsolatedFact]
    public Task AskAsync_Cancelled_EndsAtOnce() => Body.RunAsync(static async () =>
    {
        await Assert.ThrowsAnyAsync<OperationCanceledException>(static () => PortDiagnostics.DiagnoseAsync(PortQuery.Of(8080), new CancellationToken(canceled: true)));
        Assert.ThrowsAny<OperationCanceledException>(static () => PortDiagnostics.Diagnose(PortQuery.Of(8080), new CancellationToken(canceled: true)));
        using var end = new CancellationTokenSource();
        var asking = PortDiagnostics.DiagnoseAsync(PortQuery.Of(8080) with { Verbose = true }, end.Token);
        var started = Stopwatch.GetTimestamp();
        await end.CancelAsync();
        await ((Task)asking).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Assert.InRange(Stopwatch.GetElapsedTime(started), TimeSpan.Zero, TimeSpan.FromSeconds(240));
    });

    [Theory]
    [InlineData(-1)]
    [InlineData(65536)]
    public void Of_NoPort_IsRefused(int port) => Assert.Throws<ArgumentOutOfRangeException>(() => PortQuery.Of(port));

    [Fact]
    public void Of_WhatCannotBeAsked_IsRefused()
    {
        Assert.Throws<ArgumentException>(static () => PortQuery.Of(new DnsEndPoint("localhost", 80)));
        Assert.Throws<ArgumentException>(static () => PortQuery.Of(new IPEndPoint(IPAddress.Any, 53), Transports.TcpAndUdp));
        Assert.Throws<FormatException>(static () => PortQuery.Parse("70000"));
        Assert.Throws<ArgumentNullException>(static () => { _ = PortDiagnostics.DiagnoseAsync(null!); });
        Assert.Throws<ArgumentNullException>(static () => PortDiagnostics.FollowAsync(null!));
    }

    [Theory]
    [InlineData("127.0.0.1", 80, Transports.Tcp, "127.0.0.1:80")]
    [InlineData("::1", 53, Transports.Udp, "[::1]:53/udp")]
    [InlineData("fe80::1%7", 80, Transports.Tcp, "[fe80::1%7]:80")]
    public void Of_AnEndpoint_IsWhatItsTextMeans(string address, int port, Transports transport, string text)
    {
        var (made, parsed) = (PortQuery.Of(new IPEndPoint(IPAddress.Parse(address), port), transport), PortQuery.Parse(text));
        // An endpoint comes with its protocol; in a text it may be left out.
        Assert.Equal(parsed, made with { Target = made.Target with { Text = parsed.Target.Text, IsProtocolAssumed = parsed.Target.IsProtocolAssumed } });
    }
}
