using Bindwise.Model.Scenarios.Words;

namespace Bindwise.Model.Scenarios.Text;

/// <summary>A statement that starts with what to do.</summary>
/// <param name="Read">Reads the rest of it: into the line, from the token of the first word, with the example.</param>
internal sealed record BindVerb(string Word, string Example, Action<BindLineReader, BindToken, string> Read)
{
    private static readonly ImmutableArray<BindVerb> All =
    [
        new("set", "set a reuseaddr", Set),
        new("bind", "bind a 127.0.0.1:8080", static (line, token, example) => line.Add(token, Bind(line, example))),
        new("listen", "listen a", static (line, token, example) => line.Add(token, Listen(line, example))),
        new("connect", "connect c 127.0.0.1:8080", static (line, token, example) => line.Add(token, Connect(line, example))),
        new("disconnect", "disconnect c", static (line, token, example) => line.Add(token, new DisconnectStep(Socket(line, example)))),
        new("send", "send c 100", Send),
        new("receive", "receive s 100",
            static (line, token, example) => line.Add(token, new ReceiveStep(Socket(line, example), Bytes(line, 1, example)))),
        new("shutdown", "shutdown c write", static (line, token, example) =>
            line.Add(token, new ShutdownStep(Socket(line, example), OneOf(line, "read, write or both", ShutdownWords.All, example)))),
        new("close", "close a", static (line, token, example) => line.Add(token, new CloseStep(Socket(line, example)))),
        new("abort", "abort a", static (line, token, example) => line.Add(token, new AbortStep(Socket(line, example)))),
        new("wait", "wait 66s", Wait),
        new("sysctl", "sysctl net.ipv4.tcp_tw_reuse = 0", Sysctl),
        new("expect", "expect EADDRINUSE", Expect),
        new("state", "state a", static (line, token, example) => line.Add(token, new StateStep(Socket(line, example)))),
        new("name", "name a", static (line, token, example) => line.Add(token, new NameStep(Socket(line, example)))),
        new("hold", "hold a", static (line, token, example) => line.Add(token, new HoldStep(Socket(line, example)))),
        new("release", "release a", static (line, token, example) => line.Add(token, new ReleaseStep(Socket(line, example)))),
        new("lose", "lose a", static (line, token, example) => line.Add(token, new LoseStep(Socket(line, example)))),
        new("repeat", "repeat a fin", static (line, token, example) =>
            line.Add(token, new RepeatStep(Socket(line, example), OneOf(line, "data, syn, fin, ack or reset", SegmentWords.All, example)))),
        new("stream", "stream a b 300MiB", Stream),
        new("signal", "signal server INT", static (line, token, example) =>
            line.Add(token, new SignalStep(Process(line, example), OneOf(line, "INT, TERM or KILL", SignalWords.All, example)))),
        new("exit", "exit server", static (line, token, example) => line.Add(token, new ExitStep(Process(line, example)))),
        new("retry", "retry 500ms for 70s bind a 127.0.0.1:8080", Retry),
    ];

    public static readonly ImmutableArray<string> Words = [.. All.Select(static verb => verb.Word)];

    public static BindVerb? Find(string word) => All.FirstOrDefault(verb => verb.Word == word);

    private static string Socket(BindLineReader line, string example) => line.Cursor.Name("a socket's name", example);

    private static string Process(BindLineReader line, string example) => line.Cursor.Name("a process's name", example);

    private static T OneOf<T>(BindLineReader line, string expected, (string Word, T Value)[] known, string example)
    {
        var word = line.Cursor.Current;
        var row = Array.Find(known, row => word.Is(row.Word));
        if (row.Word is null)
            line.Cursor.Unknown(word, expected, [.. known.Select(static row => row.Word)], example);
        line.Cursor.Take();
        return row.Value;
    }

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

    private static BindStep Bind(BindLineReader line, string example) => line.Bound(Socket(line, example));

    private static ListenStep Listen(BindLineReader line, string example) => new(Socket(line, example));

    private static ConnectStep Connect(BindLineReader line, string example) => line.Target(Socket(line, example));

    private static void Send(BindLineReader line, BindToken token, string example)
    {
        var step = new SendStep(Socket(line, example), Bytes(line, 0, example));
        if (line.Cursor.Skip("to") && line.Endpoint(takesScope: false) is var to)
            step = step with { To = new IpEndpoint(to.Address, to.Port) };
        line.Add(token, step);
    }

    private static void Wait(BindLineReader line, BindToken token, string example) =>
        line.Add(token, new WaitStep(Duration(line, "a duration", example)));

    private static decimal Duration(BindLineReader line, string what, string example)
    {
        var duration = line.Cursor.Text(what, example);
        line.Cursor.Check(duration, BindDuration.Read(duration.Text, out var seconds));
        return seconds;
    }

    private static void Stream(BindLineReader line, BindToken token, string example)
    {
        var socket = Socket(line, example);
        var to = line.Cursor.Name("the receiving socket's name", example);
        var size = line.Cursor.Text("how many bytes", example);
        line.Cursor.Check(size, BindBytes.Read(size.Text, out var bytes));
        line.Add(token, new StreamStep(socket, to, bytes));
    }

    private static void Retry(BindLineReader line, BindToken token, string example)
    {
        var cursor = line.Cursor;
        var every = Duration(line, "the time between two attempts", example);
        if (!cursor.Skip("for"))
            cursor.Expected("for and how long", example);
        var longest = cursor.Current;
        var seconds = Duration(line, "how long to try", example);
        cursor.Check(longest, StepRules.OfRetry(every, seconds));
        SocketStep? attempt = cursor.Skip("bind") ? Bind(line, example)
            : cursor.Skip("listen") ? Listen(line, example) : cursor.Skip("connect") ? Connect(line, example) : null;
        if (attempt is null)
            cursor.Unknown(cursor.Current, "what to try: bind, listen or connect", ["bind", "listen", "connect"], example);
        else
            line.Add(token, new RetryStep(attempt, every, seconds));
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

/// <summary>How options stand in a .bind file: a word for the usual ones, else <c>NAME=VALUE</c>.</summary>
internal static class BindOptions
{
    private static readonly (string Word, SocketOption Option, long Value)[] Table =
    [
        ("reuseaddr", SocketOption.ReuseAddress, 1),
        ("reuseport", SocketOption.ReusePort, 1),
        ("v6only", SocketOption.V6Only, 1),
        ("dual", SocketOption.V6Only, 0),
        ("freebind", SocketOption.Freebind, 1),
        ("noport", SocketOption.BindAddressNoPort, 1),
        ("transparent", SocketOption.Transparent, 1),
    ];

    public static readonly IReadOnlyCollection<string> Known = [.. Table.Select(static row => row.Word), .. SocketOptionNames.All];

    public static bool IsNext(BindCursor cursor) =>
        cursor.Current.Kind == BindTokenKind.Word && (cursor.Following.Kind == BindTokenKind.Equals || Known.Contains(cursor.Current.Text));

    public static SetStep Read(BindCursor cursor, string socket)
    {
        var token = cursor.Take();
        if (cursor.Skip(BindTokenKind.Equals))
            return ReadValue(cursor, socket, token);
        var row = Array.Find(Table, row => row.Word == token.Text);
        if (row.Word is null)
            cursor.Refuse(token, $"{token.Text} has no value", cursor.Corrected(token, token.Text + "=1"));
        return new SetStep(socket, row.Option, new OptionValue(row.Value));
    }

    public static string Of(SetStep set)
    {
        var row = Array.Find(Table, row => row.Option == set.Option && set.Value == new OptionValue(row.Value));
        var value = set.Value.Text is { } text ? BindNames.Text(text) : set.Value.Number.ToString(CultureInfo.InvariantCulture);
        return row.Word ?? SocketOptionNames.Of(set.Option) + "=" + value;
    }

    private static SetStep ReadValue(BindCursor cursor, string socket, BindToken name)
    {
        var row = Array.Find(Table, row => row.Word == name.Text && row.Word != "dual");
        var option = row.Option;
        if (row.Word is null && !SocketOptionNames.TryParse(name.Text, out option))
            cursor.Unknown(name, "an option", [.. SocketOptionNames.All], "set a SO_REUSEADDR=1");
        var token = cursor.Text("the option's value", "set a SO_REUSEADDR=1");
        var value = option switch
        {
            SocketOption.BindToDevice => new OptionValue(0, token.Text),
            SocketOption.LocalPortRange when !token.Text.All(char.IsAsciiDigit) => new OptionValue(0, token.Text),
            _ when token.Kind == BindTokenKind.Word && long.TryParse(token.Text, NumberStyles.AllowLeadingSign,
                CultureInfo.InvariantCulture, out var number) => new OptionValue(number),
            _ => new OptionValue(0, token.Text),
        };
        cursor.Check(token, OptionRules.Fault(option, value));
        return new SetStep(socket, option, value);
    }
}

/// <summary>What must happen: <c>RESULT [RULE] [by WHAT] [claimed RESULT]</c>.</summary>
internal static class BindExpectation
{
    private const string Example = "new = tcp 127.0.0.1:8080 -> EADDRINUSE BW004 by old";

    public static ExpectStep Read(BindCursor cursor)
    {
        var expect = new ExpectStep(Result(cursor, "a result: ok, an errno's name, a state, or an address with a port"));
        if (cursor.Current is { Kind: BindTokenKind.Word } rule && ResultNames.IsRule(rule.Text))
            expect = expect with { Rule = cursor.Take().Text };
        if (cursor.Skip("by"))
            expect = expect with { By = cursor.Name("a socket's name or a state", Example) };
        if (cursor.Skip("claimed"))
            expect = expect with { Claimed = Result(cursor, "the result that the claim names") };
        return expect;
    }

    private static string Result(BindCursor cursor, string what)
    {
        var token = cursor.Text(what, Example);
        cursor.Check(token, ResultNames.Read(token.Text, out var result));
        return result;
    }

    /// <summary>The expectation as it is written, without how many steps it covers.</summary>
    public static string Of(ExpectStep expect)
    {
        var rule = expect.Rule is null ? "" : " " + expect.Rule;
        var by = expect.By is null ? "" : " by " + BindNames.Of(expect.By);
        var claimed = expect.Claimed is null ? "" : " claimed " + expect.Claimed;
        return string.Create(CultureInfo.InvariantCulture, $"{expect.Result}{rule}{by}{claimed}");
    }
}
