using System.Collections.Immutable;
using Bindwise.Model.Addresses;
using Bindwise.Model.Scenarios.Words;

namespace Bindwise.Model.Scenarios.Text;

/// <summary>A statement that starts with what to do.</summary>
/// <param name="Word">Its first word.</param>
/// <param name="Example">A statement of this kind.</param>
/// <param name="Read">Reads the rest of it: into the line, from the token of the first word, with the example.</param>
internal sealed record BindVerb(string Word, string Example, Action<BindLineReader, BindToken, string> Read)
{
    private static readonly ImmutableArray<BindVerb> All =
    [
        new("set", "set a reuseaddr", Set),
        new("bind", "bind a 127.0.0.1:8080", Bind),
        new("listen", "listen a", static (line, token, example) => line.Add(token, new ListenStep(Socket(line, example)))),
        new("connect", "connect c 127.0.0.1:8080", static (line, token, example) => line.Add(token, line.Target(Socket(line, example)))),
        new("disconnect", "disconnect c", static (line, token, example) => line.Add(token, new DisconnectStep(Socket(line, example)))),
        new("send", "send c 100", Send),
        new("receive", "receive s 100", static (line, token, example) => line.Add(token, new ReceiveStep(Socket(line, example), Bytes(line, 1, example)))),
        new("shutdown", "shutdown c write", Shutdown),
        new("close", "close a", static (line, token, example) => line.Add(token, new CloseStep(Socket(line, example)))),
        new("abort", "abort a", static (line, token, example) => line.Add(token, new AbortStep(Socket(line, example)))),
        new("wait", "wait 66s", Wait),
        new("sysctl", "sysctl net.ipv4.tcp_tw_reuse = 0", Sysctl),
        new("expect", "expect EADDRINUSE", Expect),
    ];

    /// <summary>The first words of all statements.</summary>
    public static readonly ImmutableArray<string> Words = [.. All.Select(static verb => verb.Word)];

    /// <summary>The statement of a first word; null when there is none.</summary>
    public static BindVerb? Find(string word) => All.FirstOrDefault(verb => verb.Word == word);

    private static string Socket(BindLineReader line, string example) => line.Cursor.Name("a socket's name", example);

    private static int Bytes(BindLineReader line, int least, string example) =>
        (int)line.Cursor.Number("how many bytes", bytes => StepRules.OfBytes(bytes, least), example);

    private static void Set(BindLineReader line, BindToken token, string example)
    {
        var socket = Socket(line, example);
        do
        {
            var option = line.Cursor.Current;
            if (!BindOptions.IsNext(line.Cursor))
                line.Cursor.Unknown(option, "an option", BindOptions.Known, example);
            else
                line.Add(option, BindOptions.Read(line.Cursor, socket));
        }
        while (!line.Cursor.Current.EndsStatement);
    }

    private static void Bind(BindLineReader line, BindToken token, string example)
    {
        var socket = Socket(line, example);
        var endpoint = line.Endpoint(takesScope: true);
        line.Add(token, new BindStep(socket, endpoint.Address, endpoint.Port) { Scope = endpoint.Scope });
    }

    private static void Send(BindLineReader line, BindToken token, string example)
    {
        var step = new SendStep(Socket(line, example), Bytes(line, 0, example));
        if (line.Cursor.Skip("to") && line.Endpoint(takesScope: false) is var to)
            step = step with { To = new IpEndpoint(to.Address, to.Port) };
        line.Add(token, step);
    }

    private static void Shutdown(BindLineReader line, BindToken token, string example)
    {
        var socket = Socket(line, example);
        var word = line.Cursor.Current;
        var row = Array.Find(ShutdownWords.All, row => word.Is(row.Word));
        if (row.Word is null)
            line.Cursor.Unknown(word, "read, write or both", [.. ShutdownWords.All.Select(static known => known.Word)], example);
        line.Cursor.Take();
        line.Add(token, new ShutdownStep(socket, row.How));
    }

    private static void Wait(BindLineReader line, BindToken token, string example)
    {
        var duration = line.Cursor.Text("a duration", example);
        line.Cursor.Check(duration, BindDuration.Read(duration.Text, out var seconds));
        line.Add(token, new WaitStep(seconds));
    }

    private static void Sysctl(BindLineReader line, BindToken token, string example)
    {
        var name = line.Cursor.Text("a sysctl's name", example);
        line.Cursor.Check(name, SysctlRules.OfName(name.Text));
        _ = line.Cursor.Skip(BindTokenKind.Equals);
        var value = line.Cursor.Words("the sysctl's value", example);
        line.Cursor.Check(value, SysctlRules.OfValue(value.Text));
        line.Add(token, new SysctlStep(name.Text, value.Text));
    }

    private static void Expect(BindLineReader line, BindToken token, string example)
    {
        var expect = BindExpectation.Read(line.Cursor);
        if (line.Cursor.Skip("of"))
            expect = expect with { Steps = (int)line.Cursor.Number("how many steps it covers", StepRules.OfCovered, "expect ok of 3") };
        line.Add(token, expect);
    }
}
