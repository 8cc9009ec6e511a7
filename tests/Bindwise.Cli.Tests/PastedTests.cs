using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Bindwise.Cli.Tests;

/// <summary>One pasted text that tells of several failed binds, by real listeners of this process.</summary>
[Collection(AloneCollection.Name)]
public sealed class PastedTests : IDisposable
{
    private readonly TcpListener[] _listeners = [Listen(), Listen()];

    public void Dispose() => Array.ForEach(_listeners, static listener => listener.Dispose());

    private string First => _listeners[0].LocalEndpoint.ToString()!;

    private string Second => _listeners[1].LocalEndpoint.ToString()!;

    private string Text => $"listen tcp {First}: bind: address already in use\nlisten tcp {Second}: bind: address already in use\nlisten tcp {First}: bind: address already in use\n";

    [LinuxFact]
    public void Why_TextWithSeveralAddresses_AnswersEachInItsOrderAfterABlankLine()
    {
        var run = Paste(Text, "why", "-");

        Assert.Equal((1, ""), (run.ExitCode, run.Errors));
        var answers = run.Output.TrimEnd('\n').Split("\n\n");
        Assert.Equal(2, answers.Length);
        Assert.StartsWith($"{First}/tcp is taken", answers[0], StringComparison.Ordinal);
        Assert.StartsWith($"{Second}/tcp is taken", answers[1], StringComparison.Ordinal);
        Assert.Equal(Paste(Text, "why", "-", "-q").Output, Bindwise.Run("why", Text, "-q").Output);
    }

    // One holder stops once: the second answer is its first line. Verbose tells everything of both.
    [LinuxFact]
    public void Why_SeveralAddressesOfOneHolder_AreExplainedOnce()
    {
        var answers = Paste(Text, "why", "-").Output.TrimEnd('\n').Split("\n\n");

        Assert.Contains("\n  next", answers[0], StringComparison.Ordinal);
        Assert.DoesNotContain("\n  next", answers[1], StringComparison.Ordinal);
        Assert.Equal(2, Paste(Text, "why", "-", "-v").Output.Split("\n  next").Length - 1);
        Assert.Equal(2, Bindwise.Run("why", First, Second).Output.Split("\n  next").Length - 1);
    }

    [LinuxFact]
    public void Why_SeveralAddressesAsJson_IsALineEach()
    {
        var lines = Paste(Text, "why", "-", "--json").Output.TrimEnd('\n').Split('\n');

        Assert.Equal([First, Second], lines.Select(static line => JsonDocument.Parse(line).RootElement.GetProperty("target").GetProperty("text").GetString()));
    }

    [LinuxTheory]
    [InlineData(11, "11")]
    [InlineData(100, "at least 64")]
    public void Why_MoreThanEightAddresses_AnswersEightAndSaysSo(int count, string told)
    {
        var text = string.Concat(Enumerable.Range(1, count).Select(static last => $"bind() to 127.0.0.{last}:1 failed (98: Address already in use)\n"));
        var run = Paste(text, "why", "-", "--json", "--no-probe");

        Assert.Equal(8, run.Output.Count(static letter => letter == '\n'));
        Assert.Equal($"bindwise: the text names {told} addresses: only the first 8 are answered", run.OneError);
    }

    [LinuxFact]
    public void Why_AnErrorWithoutQuotes_IsReadAsOneText()
    {
        var run = Bindwise.Run("why", "-q", "Error:", "listen", "EADDRINUSE:", "address", "already", "in", "use", First);

        Assert.Equal((1, ""), (run.ExitCode, run.Errors));
        Assert.StartsWith($"{First}/tcp is taken", run.Output, StringComparison.Ordinal);
        Assert.Single(run.Output, '\n');
    }

    [LinuxFact]
    public void Why_FollowWithSeveralAddresses_SaysWhichThereAre()
    {
        var run = Paste(Text + "listen udp :53: bind: address already in use", "why", "--follow", "-");

        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.Equal($"bindwise: --follow takes one target; this text names {First}, {Second}, 53/udp: choose one, as in: bindwise why --follow {First}", run.OneError);
    }

    [LinuxFact]
    public void Why_SeveralAddressesSaved_AreAnsweredFromTheFile()
    {
        using var snapshots = new Snapshots();
        var file = Path.Combine(snapshots.Folder, "saved.json");
        var live = Paste(Text, "why", "-", "--save-snapshot", file, "--json");

        var again = Paste(Text, "why", "-", "--snapshot", file, "--json");
        SameAnswer.Check(live, again);
        Assert.Equal(again, Bindwise.Run("why", "--snapshot", file, "--json"));
    }

    private static Run Paste(string text, params string[] arguments) => Bindwise.RunWith(Encoding.UTF8.GetBytes(text), [], arguments);

    private static TcpListener Listen()
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return listener;
    }
}
