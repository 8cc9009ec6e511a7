using Bindwise.Model.Diagnosing;
using Bindwise.Model.Targets;
using Bindwise.Model.Tests.Diagnosing.Commands;
using Bindwise.Model.Tests.Rules;

namespace Bindwise.Model.Tests.Diagnosing;

/// <summary>A printed command asks what was asked: the same binds, whatever they came from.</summary>
public class SameQuestionTests
{
    private const string Python = "OSError: [Errno 98] Address already in use: ('', 9100)";
    private const string Node = "Error: listen EADDRINUSE: address already in use :::3000";
    private const string Go = "listen tcp 0.0.0.0:8080: bind: address already in use";

    [Theory]
    [InlineData("9100", "", "9100")]
    [InlineData("9100", "--plain", "9100 --plain")]
    [InlineData("9100", "--reuse-address", "9100")]
    [InlineData("9100", "--reuse-port", "9100 --reuse-port")]
    [InlineData("9100", "--reuse-address --reuse-port", "9100 --reuse-address --reuse-port")]
    [InlineData("9100", "--v6-only", "9100 --v6-only")]
    [InlineData("9100", "--dual-stack", "9100")]
    [InlineData("[::]:9100", "--plain --v6-only --device lo", "'[::]:9100' --plain --v6-only --device lo")]
    [InlineData("127.0.0.1:9100", "--device lo", "127.0.0.1:9100 --device lo")]
    [InlineData("53/udp", "", "53/udp")]
    [InlineData("53/udp", "--plain", "53/udp")]
    [InlineData("53/udp", "--reuse-port --device lo", "53/udp --reuse-port --device lo")]
    [InlineData("/run/app.sock", "--plain", "/run/app.sock")]
    [InlineData(Python, "", "9100 --plain")]
    [InlineData(Python, "--reuse-address", "9100")]
    [InlineData(Node, "", "'[::]:3000'")]
    [InlineData(Node, "--plain", "'[::]:3000' --plain")]
    [InlineData(Go, "", "'[::]:8080'")]
    public void Question_Typed_StandsForTheSameBinds(string text, string options, string question)
    {
        var (target, snapshot) = (TargetParser.Parse(text).Value!, Hosts.Of());

        var context = Diagnoser.Find(target, Options(options.Split(' ')), snapshot);

        Assert.Equal(question, context.Question.ToString());
        Assert.Equal(Binds(context), BindsOf(question, snapshot));
    }

    [Theory]
    [InlineData("9100", "", "9100")]
    [InlineData("9100", "--dual-stack", "9100 --dual-stack")]
    [InlineData(Node, "", "'[::]:3000' --dual-stack")]
    public void Question_WhereSocketsAreOfOneFamilyByDefault_NamesTheOther(string text, string options, string question)
    {
        var snapshot = Hosts.Of() with { Settings = Hosts.Of().Settings with { BindV6Only = true } };

        var context = Diagnoser.Find(TargetParser.Parse(text).Value!, Options(options.Split(' ')), snapshot);

        Assert.Equal(question, context.Question.ToString());
    }

    [Theory]
    [InlineData("a b;", "9100 --device 'a b;'")]
    [InlineData("--user", "TARGET")]
    public void Question_OfAnyDevice_IsOneWordOrNone(string device, string question) =>
        Assert.Equal(question, Diagnoser.Find(TargetParser.Parse("9100").Value!, new ProgramOptions(Device: device), Hosts.Of()).Question.ToString());

    [Fact]
    public void Wait_ForASocketWithoutOptions_KeepsThem()
    {
        var snapshot = Hosts.Of(Hosts.TimeWait() with { ReuseAddress = Fact.Yes });

        Assert.Equal($"bindwise why 127.0.0.1:{SocketLine.Port} --plain --follow", Wait("--plain"));
        Assert.Equal($"bindwise why 127.0.0.1:{SocketLine.Port} --reuse-port --follow", Wait("--reuse-port"));
        Assert.Equal($"bindwise why 127.0.0.1:{SocketLine.Port} --plain --follow", Wait(""));

        string? Wait(string options) =>
            Diagnoser.Diagnose(Hosts.PortTarget("127.0.0.1"), Options(options.Split(' ')), snapshot).Remedies.Single(static r => r.Id == "wait").Command;
    }

    [Fact]
    public void Wait_WithoutAProbe_DoesNotEndWhereAServerWithReuseAddressCanStart()
    {
        var answer = Diagnoser.Diagnose(Hosts.PortTarget("127.0.0.1"), Options([""]), Hosts.Of(Hosts.TimeWait()));

        Assert.Equal(Verdict.Undetermined, answer.Verdict);
        Assert.Equal($"bindwise why 127.0.0.1:{SocketLine.Port} --plain --follow", answer.Remedies.Single(static r => r.Id == "wait").Command);
    }

    [Theory]
    [InlineData("", "bindwise why 127.0.0.1:9100")]
    [InlineData("--plain", "bindwise why 127.0.0.1:9100 --plain")]
    [InlineData("--reuse-port --device lo", "bindwise why 127.0.0.1:9100 --reuse-port --device lo")]
    public void FullAnswer_OfThePortableOne_IsForTheSameProgram(string options, string command)
    {
        var snapshot = Hosts.Of() with { Portable = new PortableRecord { System = HostSystem.Linux } };

        var remedies = Diagnoser.Diagnose(TargetParser.Parse("127.0.0.1:9100").Value!, Options(options.Split(' ')), snapshot).Remedies;

        Assert.Equal(command, remedies.Single(static r => r.Id == "full-answer").Command);
    }

    // The other address that a remedy asks about, and the other protocol of a warning: all else as it was asked.
    [Fact]
    public void Question_AboutAnotherAddress_KeepsProtocolAndOptions()
    {
        var context = Diagnoser.Find(TargetParser.Parse("[::1]:53/udp").Value!, Options(["--reuse-port", "--device", "lo"]), Hosts.Of());

        Assert.Equal("127.0.0.1:53/udp --reuse-port --device lo", context.QuestionAbout(IpAddress.LoopbackIPv4, scope: null).ToString());
        Assert.Equal("'[::1%eth0]:53/udp' --reuse-port --device lo", context.QuestionAbout(IpAddress.LoopbackIPv6, "eth0").ToString());
    }

    private static List<BindRequest> BindsOf(string question, Snapshot snapshot)
    {
        var words = Assert.Single(Assert.Single(Shell.Run("sh", ["bindwise why " + question])))[2..];
        return Binds(Diagnoser.Find(TargetParser.Parse(words[0]).Value!, Options(words[1..]), snapshot));
    }

    /// <summary>With what the host sets where nobody told.</summary>
    private static List<BindRequest> Binds(DiagnosisContext context) =>
        [.. context.Plan.Asked.Select(request => request with { V6Only = request.V6Only ?? context.Snapshot.Settings.BindV6Only })];

    /// <summary>As the command line reads them.</summary>
    private static ProgramOptions Options(string[] words) => new(
        words.Contains("--plain") ? false : words.Contains("--reuse-address") ? true : null,
        words.Contains("--plain") ? false : words.Contains("--reuse-port") ? true : null,
        words.Contains("--v6-only") ? true : words.Contains("--dual-stack") ? false : null,
        words.SkipWhile(static word => word != "--device").Skip(1).FirstOrDefault());
}
