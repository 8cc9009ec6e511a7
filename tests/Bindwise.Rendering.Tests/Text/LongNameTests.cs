using Bindwise.Model.Diagnosing;
using Bindwise.Model.Snapshots;
using Bindwise.Model.Targets;
using Bindwise.Rendering.Escaping;
using Bindwise.Rendering.Text;

namespace Bindwise.Rendering.Tests.Text;

/// <summary>However long the names are that others chose: the answer stays an answer.</summary>
public sealed class LongNameTests
{
    private const int Length = 20_000;
    private const int LongestLine = 2_600;

    private static readonly string Id = string.Concat(Enumerable.Repeat("0123456789abcdef", 4));

    public static TheoryData<string> Kinds => ["process", "script", "words", "unit", "container", "compose", "pod", "folder", "user", "supervised", "file", "abstract", "namespace", "interface", "device"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Answer_WithALongName_IsShort(string kind)
    {
        foreach (var name in new[] { new string('a', Length), string.Concat(Enumerable.Repeat("ab ", Length / 3)), string.Concat(Enumerable.Repeat("\u202e\n", Length / 2)) })
        {
            var answer = Answer(kind, name);
            AssertShort(DiagnosisText.Render(answer, new TextOptions(null, Detail.Quiet)), 1, LongestLine);
            AssertShort(DiagnosisText.Render(answer, new TextOptions(null, Detail.Normal)), 20, 9_000);
            AssertShort(DiagnosisText.Render(answer, new TextOptions(80, Detail.Normal)), 160, 9_000);
            AssertShort(DiagnosisText.Render(answer, new TextOptions(null, Detail.Verbose)), 80, 30_000);
        }
    }

    [Theory]
    [InlineData(120, 120)]
    [InlineData(121, 120)]
    [InlineData(20_000, 120)]
    public void EscapeSentence_LongWord_ShowsItsTwoEnds(int length, int shown)
    {
        var word = "b" + new string('a', length - 2) + "e";
        var told = Escaper.EscapeSentence($"unit {word} is there");
        Assert.Equal(shown + "unit  is there".Length, told.Length);
        Assert.StartsWith("unit ba", told, StringComparison.Ordinal);
        Assert.EndsWith("ae is there", told, StringComparison.Ordinal);
    }

    [Fact]
    public void EscapeSentence_OfManyWords_Ends() => Assert.Equal(1_200, Escaper.EscapeSentence(string.Concat(Enumerable.Repeat("ab ", Length))).Length);

    private static void AssertShort(IReadOnlyList<TextLine> lines, int most, int total)
    {
        Assert.InRange(lines.Count, 1, most);
        Assert.All(lines, static line => Assert.InRange(line.ToString().Length, 0, LongestLine));
        Assert.InRange(lines.Sum(static line => line.ToString().Length), 1, total);
    }

    private static Diagnosis Answer(string kind, string name)
    {
        var process = new ProcessRecord { Id = 40, ParentId = 30, Name = "node", Executable = "/usr/bin/node", Arguments = ["node", "server.js"], UserId = 0, State = 'S' };
        var above = new ProcessRecord { Id = 30, ParentId = 1, Name = "supervisord", Executable = "/usr/bin/supervisord", UserId = 0, State = 'S' };
        var host = Host();
        return kind switch
        {
            "process" => Held(process with { Name = "x", Executable = "/srv/" + name, Arguments = ["/srv/" + name] }),
            "script" => Held(process with { Arguments = ["node", "/srv/" + name, name] }),
            "words" => Held(process with { Arguments = [.. Enumerable.Repeat("word", Length / 4)] }),
            "unit" => Held(process with { Unit = name + ".service", Cgroup = "/system.slice/" + name + ".service" }),
            "container" => Held(process with { Container = Id, Cgroup = "/docker/" + Id }, new ContainerRecord { Id = Id, Name = name, Image = name, Engine = "docker" }),
            "compose" => Held(process with { Container = Id, Cgroup = "/docker/" + Id }, new ContainerRecord { Id = Id, Name = name, Engine = "docker", ComposeProject = name, ComposeService = name }),
            "pod" => Held(process with { Container = Id, Cgroup = "/kubepods/" + Id }, new ContainerRecord { Id = Id, Name = name, Engine = "containerd", PodName = name, PodNamespace = name }),
            "folder" => Held(process with { WorkingDirectory = "/" + name, ProjectFolder = "/" + name, ProjectBranch = name, Terminal = name }),
            "user" => Held(process with { UserId = 1000, UserName = name }),
            "supervised" => Diagnoser.Diagnose(Port(), ProgramOptions.None, host with { Processes = [process with { SupervisedAs = name }, above], Holders = [new Holder(7, 40, 3)] }),
            "file" => Diagnoser.Diagnose(new Target { Text = "x", Protocol = Protocol.Unix, Path = "/" + name }, ProgramOptions.None, Host() with { Sockets = [], UnixPath = new UnixPathRecord { Path = "/" + name, Exists = true, IsSocket = true, Kind = "socket", IsServed = Fact.No } }),
            "abstract" => Diagnoser.Diagnose(new Target { Text = "x", Protocol = Protocol.Unix, Path = "@" + name }, ProgramOptions.None, Host() with
            {
                Sockets = [new HeldSocket { Protocol = Protocol.Unix, State = TcpSocketState.Listen, Path = "@" + name, Inode = 7 }],
                Processes = [process],
                Holders = [new Holder(7, 40, 3)],
            }),
            "namespace" => Diagnoser.Diagnose(Port() with { Pasted = new PastedError { Errno = "EADDRINUSE" } }, ProgramOptions.None, host with { Sockets = [], Elsewhere = new ElsewhereSurvey { Sockets = [new ElsewhereRecord { NetworkName = name, Socket = host.Sockets[0] }] } }),
            "interface" => Diagnoser.Diagnose(Port(), ProgramOptions.None, host with
            {
                KernelSurvey = new KernelSurvey
                {
                    Services = [new KernelService(
                KernelServiceKind.NfsServer, Protocol.Tcp, Name: name, Port: 8080, Source: name)]
                }
            }),
            _ => Diagnoser.Diagnose(Port(), new ProgramOptions { Device = name }, host),
        };

        Diagnosis Held(ProcessRecord holder, params ContainerRecord[] containers) =>
            Diagnoser.Diagnose(Port(), ProgramOptions.None, host with { Processes = [holder], Holders = [new Holder(7, 40, 3)], Containers = [.. containers] });
    }

    private static Target Port() => new() { Text = "8080", Protocol = Protocol.Tcp, Port = 8080 };

    private static Snapshot Host() => new()
    {
        TakenAt = Samples.TakenAt,
        Kernel = "6.18.0",
        Sockets = [new HeldSocket { Protocol = Protocol.Tcp, State = TcpSocketState.Listen, Family = IpFamily.IPv4, Local = new IpEndpoint(IpAddress.AnyIPv4, 8080), Inode = 7, Cookie = 70 }],
        Settings = new HostSettings { UnprivilegedPortStart = 1024, LocalPortFirst = 32768, LocalPortLast = 60999, BindV6Only = false },
        Caller = new Caller { UserId = 0, MayBindPrivilegedPorts = Fact.Yes },
        Coverage = new Coverage { ListenersRead = true, AllStatesRead = true, OwnersRead = true, Processes = 10 },
    };
}
