using Bindwise.Model.Diagnosing;
using Bindwise.Model.Diagnosing.Planning;
using Bindwise.Model.Targets;

namespace Bindwise.Model.Tests.Diagnosing;

/// <summary>What the answer says on each system when its probe and its list said so: the advice is the system's own, the rules of Linux are not claimed.</summary>
public sealed class PortableDiagnosisTests
{
    private const int InUse = 10048;
    private const int Access = 10013;
    private const int NotAvailable = 10049;
    private const int NoFamily = 10047;

    [Theory]
    [InlineData(HostSystem.MacOS, 48, "EADDRINUSE, 48 on macOS", "lsof -nP -iTCP:8080 -sTCP:LISTEN")]
    [InlineData(HostSystem.Windows, 10048, "EADDRINUSE, 10048 on Windows", "netstat -ano | findstr :8080")]
    [InlineData(HostSystem.Linux, 98, "EADDRINUSE", "bindwise why 8080")]
    [InlineData(HostSystem.Other, 48, "EADDRINUSE, 48 here", "netstat -an | grep '[.:]8080 '")]
    internal void Diagnose_Listener_IsToldInTheSystemsOwnNumbersAndTools(HostSystem system, int native, string error, string command)
    {
        var diagnosis = Ask("8080", Host(system, InUse, native, Listening("0.0.0.0:8080")));
        Assert.Equal((Verdict.Blocked, "EADDRINUSE", Cause.Listener), (diagnosis.Verdict, diagnosis.Errno, diagnosis.Cause));
        Assert.Equal($"8080/tcp is taken ({error}): a socket listens on 0.0.0.0:8080.", diagnosis.Summary);
        Assert.Equal(command, diagnosis.Remedies[0].Command);
        AssertClaimsNoRule(diagnosis);
    }

    [Theory]
    [InlineData("5000")]
    [InlineData("7000")]
    [InlineData("Address already in use\nPort 5000 is in use by another program.")]
    public void Diagnose_AirPlayPortOnMacOS_NamesTheReceiver(string text)
    {
        var target = TargetParser.Parse(text).Value!;
        var diagnosis = Ask(target, Host(HostSystem.MacOS, InUse, 48, Listening($"0.0.0.0:{target.Port}")));
        Assert.Equal("airplay-receiver", diagnosis.Remedies[0].Id);
        Assert.Contains("AirDrop & Handoff", diagnosis.Remedies[0].Text, StringComparison.Ordinal);
        Assert.DoesNotContain(Ask("8080", Host(HostSystem.MacOS, InUse, 48)).Remedies, static remedy => remedy.Id == "airplay-receiver");
        Assert.DoesNotContain(Ask(target, Host(HostSystem.Windows, InUse, 10048)).Remedies, static remedy => remedy.Id == "airplay-receiver");
    }

    [Theory]
    [InlineData("listen tcp 0.0.0.0:8080: bind: Only one usage of each socket address (protocol/network address/port) is normally permitted.")]
    [InlineData("Failed to bind to address http://0.0.0.0:8080: address already in use. SocketException (10048): Only one usage of each socket address (protocol/network address/port) is normally permitted.")]
    [InlineData("[Errno 48] error while attempting to bind on address ('0.0.0.0', 8080): address already in use")]
    public void Diagnose_PastedErrorOfAnotherSystem_GivesThatSystemsNextStep(string pasted)
    {
        var target = TargetParser.Parse(pasted).Value!;
        Assert.Equal(("EADDRINUSE", (ushort)8080), (target.Pasted?.Errno, target.Port!.Value));
        var onWindows = Ask(target, Host(HostSystem.Windows, InUse, 10048, Listening("0.0.0.0:8080")));
        Assert.Equal(["see-owner", "see-process", "see-http-sys", "other-port"], onWindows.Remedies.Select(static remedy => remedy.Id));
        Assert.Equal("lsof -nP -iTCP:8080 -sTCP:LISTEN", Ask(target, Host(HostSystem.MacOS, InUse, 48, Listening("0.0.0.0:8080"))).Remedies[0].Command);
    }

    [Fact]
    public void Diagnose_AccessForbiddenOnWindows_TellsOfExcludedRangesFirst()
    {
        var target = TargetParser.Parse("listen tcp 0.0.0.0:50051: bind: An attempt was made to access a socket in a way forbidden by its access permissions.").Value!;
        Assert.Equal("EACCES", target.Pasted?.Errno);
        var diagnosis = Ask(target, Host(HostSystem.Windows, Access, 10013));
        Assert.Equal((Verdict.Blocked, "EACCES", Cause.DeniedByPolicy), (diagnosis.Verdict, diagnosis.Errno, diagnosis.Cause));
        Assert.Contains("10013 on Windows", diagnosis.Summary, StringComparison.Ordinal);
        Assert.Equal(
            ["netsh int ipv4 show excludedportrange protocol=tcp", "net stop winnat", "netsh int ipv4 add excludedportrange protocol=tcp startport=50051 numberofports=1", "netstat -ano | findstr :50051"],
            diagnosis.Remedies.Select(static remedy => remedy.Command).OfType<string>());
        Assert.Contains(diagnosis.Why, static why => why.Contains("Hyper-V", StringComparison.Ordinal));
    }

    [Fact]
    public void Diagnose_AccessForbiddenOnWindowsBesideAListener_IsTheListener()
    {
        var diagnosis = Ask("8080", Host(HostSystem.Windows, Access, 10013, Listening("0.0.0.0:8080")));
        Assert.Equal(Cause.Listener, diagnosis.Cause);
        Assert.Contains(diagnosis.Why, static why => why.Contains("SO_EXCLUSIVEADDRUSE", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(HostSystem.MacOS, "80", 13, "privileged-port", "use-wildcard")]
    [InlineData(HostSystem.Linux, "80", 13, "privileged-port", "high-port")]
    [InlineData(HostSystem.Windows, "80", 10013, "denied-by-policy", "see-excluded-ranges")]
    [InlineData(HostSystem.MacOS, "8080", 13, "denied-by-policy", "other-port")]
    internal void Diagnose_LowPortRefused_IsPrivilegedWhereThatExists(HostSystem system, string target, int native, string cause, string remedy)
    {
        var diagnosis = Ask(target, Host(system, Access, native));
        Assert.Equal(("EACCES", cause, remedy), (diagnosis.Errno, diagnosis.Cause.Id(), diagnosis.Remedies[0].Id));
    }

    [Theory]
    [InlineData("192.0.2.7:8080", NotAvailable, 49, "EADDRNOTAVAIL", "address-not-local")]
    [InlineData("[fe80::7]:8080", NotAvailable, 49, "EADDRNOTAVAIL", "scope-missing")]
    [InlineData("[::1]:8080", NoFamily, 47, "EAFNOSUPPORT", "ipv6-disabled")]
    [InlineData("8080", -1, 77, null, "denied-by-policy")]
    [InlineData("0.0.0.0:0", InUse, 48, "EADDRINUSE", "ports-exhausted")]
    public void Diagnose_OtherErrors_AreNamed(string target, int error, int native, string? errno, string cause)
    {
        var diagnosis = Ask(target, Host(HostSystem.MacOS, error, native));
        Assert.Equal((Verdict.Blocked, errno, cause), (diagnosis.Verdict, diagnosis.Errno, diagnosis.Cause.Id()));
        Assert.Contains($"{native} on macOS", diagnosis.Summary, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(HostSystem.MacOS, "about 30 s")]
    [InlineData(HostSystem.Linux, "about a minute")]
    [InlineData(HostSystem.Windows, "30 s to 4 minutes")]
    internal void Diagnose_TimeWait_LastsAsLongAsTheSystemKeepsIt(HostSystem system, string howLong)
    {
        var diagnosis = Ask("0.0.0.0:8080", Host(system, InUse, 48, new SeenSocket(Protocol.Tcp, TcpSocketState.TimeWait, End("127.0.0.1:8080"), End("127.0.0.1:50000"))));
        Assert.Equal(Cause.TimeWait, diagnosis.Cause);
        Assert.Contains(howLong, Assert.Single(diagnosis.Remedies, static remedy => remedy.Id == "wait").Text, StringComparison.Ordinal);
        Assert.Null(diagnosis.FreeAt);
        AssertClaimsNoRule(diagnosis);
    }

    [Theory]
    [InlineData("127.0.0.1:8080", "0.0.0.0:8080", true)]
    [InlineData("0.0.0.0:8080", "127.0.0.1:8080", true)]
    [InlineData("0.0.0.0:8080", "[::]:8080", true)]
    [InlineData("[::]:8080", "127.0.0.1:8080", true)]
    [InlineData("127.0.0.1:8080", "127.0.0.2:8080", false)]
    [InlineData("0.0.0.0:8080", "[::1]:8080", false)]
    [InlineData("[::1]:8080", "0.0.0.0:8080", false)]
    public void Diagnose_SocketsOfTheList_AreNamedWhereTheirAddressMeets(string target, string held, bool meets) =>
        Assert.Equal(meets ? Cause.Listener : Cause.OwnerHidden, Ask(target, Host(HostSystem.MacOS, InUse, 48, Listening(held))).Cause);

    [Fact]
    public void Diagnose_FreeBesideAListener_Warns()
    {
        var diagnosis = Ask("0.0.0.0:8080", Host(HostSystem.Windows, 0, 0, Listening("127.0.0.1:8080")));
        Assert.Equal(Verdict.Free, diagnosis.Verdict);
        Assert.Equal("seen-beside", Assert.Single(diagnosis.Warnings).Id);
        Assert.Contains(diagnosis.Limits, static limit => limit.Id == "not-listened");
    }

    [Fact]
    public void Diagnose_FreeAndNotExclusive_Warns()
    {
        var host = Host(HostSystem.Windows, 0, 0);
        var probes = host.Portable!.Probes;
        host = host with { Portable = host.Portable with { Probes = [.. probes, probes[0] with { IsExclusive = true, Error = InUse, NativeError = InUse }] } };
        Assert.Equal((Verdict.Free, "seen-beside"), (Ask("0.0.0.0:8080", host).Verdict, Assert.Single(Ask("0.0.0.0:8080", host).Warnings).Id));
    }

    [Fact]
    public void Diagnose_SharingOnWindows_IsLeftOpenRatherThanStealing()
    {
        var options = new ProgramOptions { ReuseAddress = true };
        var diagnosis = Diagnoser.Diagnose(TargetParser.Parse("0.0.0.0:8080").Value!, options, Host(HostSystem.Windows, InUse, InUse, Listening("0.0.0.0:8080")));
        Assert.Equal(Verdict.Undetermined, diagnosis.Verdict);
        Assert.Contains(diagnosis.Limits, static limit => limit.Id == "sharing-not-probed" && limit.Text.Contains("Windows", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(HostSystem.Linux)]
    [InlineData(HostSystem.MacOS)]
    [InlineData(HostSystem.Windows)]
    [InlineData(HostSystem.Other)]
    internal void Diagnose_AnySystem_IsLabelledFirst(HostSystem system)
    {
        foreach (var error in new[] { 0, InUse, Access, NotAvailable })
        {
            var diagnosis = Ask("8080", Host(system, error, error));
            Assert.Equal("portable", diagnosis.Limits[0].Id);
            Assert.StartsWith("This is the portable answer, ", diagnosis.Limits[0].Text, StringComparison.Ordinal);
            Assert.Equal(system, diagnosis.Portable!.System);
            AssertClaimsNoRule(diagnosis);
        }
    }

    private static void AssertClaimsNoRule(Diagnosis diagnosis)
    {
        Assert.Null(diagnosis.Rule);
        Assert.Empty(diagnosis.Blockers);
        Assert.All(diagnosis.Attempts, static attempt => Assert.Null(attempt.Rule));
        Assert.Null(diagnosis.Disagreement);
    }

    private static Diagnosis Ask(string target, Snapshot snapshot) => Ask(TargetParser.Parse(target).Value!, snapshot);

    private static Diagnosis Ask(Target target, Snapshot snapshot)
    {
        var plan = RequestPlan.From(target, ProgramOptions.None, snapshot);
        var only = snapshot.Portable!.Probes[0];
        return Diagnoser.Diagnose(target, ProgramOptions.None, snapshot with
        {
            Portable = snapshot.Portable with { Probes = [.. plan.Asked.Select(r => only with { Request = r }), .. snapshot.Portable.Probes.Where(static p => p.IsExclusive)] },
        });
    }

    // One answer for every bind: which ones there are follows from the target.
    private static Snapshot Host(HostSystem system, int error, int native, params SeenSocket[] seen) => new()
    {
        TakenAt = Hosts.Now,
        Settings = new HostSettings { HasIPv4 = true, HasIPv6 = true },
        Portable = new PortableRecord
        {
            System = system,
            Probes = [new PortableProbe(new BindRequest { Protocol = Protocol.Tcp, Address = IpAddress.AnyIPv4, Port = 8080 }, error,
                native)],
            Seen = [.. seen],
            SeenCount = seen.Length,
            IsListRead = true,
        },
    };

    private static SeenSocket Listening(string local) => new(Protocol.Tcp, TcpSocketState.Listen, End(local), default);

    private static IpEndpoint End(string text)
    {
        var colon = text.LastIndexOf(':');
        Assert.True(IpAddress.TryParse(text[..colon].Trim('[', ']'), out var address));
        return new IpEndpoint(address, ushort.Parse(text[(colon + 1)..], System.Globalization.CultureInfo.InvariantCulture));
    }
}
