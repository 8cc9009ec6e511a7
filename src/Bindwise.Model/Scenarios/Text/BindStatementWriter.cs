using Bindwise.Model.Scenarios.Words;

namespace Bindwise.Model.Scenarios.Text;

/// <summary>Writes steps as statements, the longest compound line that stands for exactly them.</summary>
internal sealed class BindStatementWriter
{
    private const int MaxChars = 100;

    private readonly BindSockets _sockets = new();

    /// <param name="steps">The steps that are left, no expectation among them.</param>
    /// <param name="taken">How many of them the statement stands for, at least 1.</param>
    public string Next(ReadOnlySpan<Step> steps, out int taken)
    {
        taken = 1;
        var statement = steps[0] switch
        {
            OpenStep open => Open(open, steps, out taken),
            SetStep set => Set(set, steps, out taken),
            _ => Single(steps[0]),
        };
        foreach (var step in steps[..taken])
            _sockets.Learn(step);
        return statement;
    }

    private string Open(OpenStep open, ReadOnlySpan<Step> steps, out int taken)
    {
        var actions = ImmutableArray.CreateBuilder<Step>();
        var text = new StringBuilder();
        foreach (var step in steps[1..])
        {
            if (Action(step, open.Socket) is not { } action || text.Length + action.Length > MaxChars)
                break;
            actions.Add(step);
            text.Append(' ').Append(action);
        }
        taken = actions.Count + 1;
        var name = BindNames.Of(open.Socket);
        var implied = _sockets.FamilyFor(actions);
        var isPlainClient =
            actions is [ConnectStep connect] && open == new OpenStep(open.Socket, _sockets.ProtocolToward(connect), implied);
        if (isPlainClient)
            return $"{name} ={text}";
        var user = open.User is { } id ? string.Create(CultureInfo.InvariantCulture, $" user {id}") : "";
        var device = open.Device is null ? "" : " device " + BindNames.Text(open.Device);
        var process = open.Process is null ? "" : " in " + BindNames.Of(open.Process);
        return $"{name} = {BindProtocols.Of(open, implied)}{user}{device}{process}{text}";
    }

    private static string? Action(Step step, string socket) => step switch
    {
        SetStep set when set.Socket == socket => BindOptions.Of(set),
        BindStep bind when bind.Socket == socket => Endpoint(bind),
        ListenStep listen when listen.Socket == socket => "listen",
        ConnectStep connect when connect.Socket == socket => "connect " + Target(connect),
        _ => null,
    };

    private static string Set(SetStep set, ReadOnlySpan<Step> steps, out int taken)
    {
        var text = new StringBuilder("set ").Append(BindNames.Of(set.Socket));
        taken = 0;
        foreach (var step in steps)
        {
            if (step is not SetStep next || next.Socket != set.Socket || (taken > 0 && text.Length > MaxChars))
                break;
            text.Append(' ').Append(BindOptions.Of(next));
            taken++;
        }
        return text.ToString();
    }

    private static string Single(Step step) => step switch
    {
        BindStep bind => $"bind {BindNames.Of(bind.Socket)} {Endpoint(bind)}",
        ListenStep listen => $"listen {BindNames.Of(listen.Socket)}",
        ConnectStep connect => $"connect {BindNames.Of(connect.Socket)} {Target(connect)}",
        DisconnectStep disconnect => $"disconnect {BindNames.Of(disconnect.Socket)}",
        AcceptStep accept => $"{BindNames.Of(accept.As)} = accept {BindNames.Of(accept.Socket)}",
        SendStep send => string.Create(CultureInfo.InvariantCulture,
            $"send {BindNames.Of(send.Socket)} {send.Bytes}{(send.To is { } to ? $" to {to}" : "")}"),
        ReceiveStep receive => string.Create(CultureInfo.InvariantCulture, $"receive {BindNames.Of(receive.Socket)} {receive.Bytes}"),
        ShutdownStep shutdown => $"shutdown {BindNames.Of(shutdown.Socket)} {ShutdownWords.Of(shutdown.How)}",
        CloseStep close => $"close {BindNames.Of(close.Socket)}",
        AbortStep abort => $"abort {BindNames.Of(abort.Socket)}",
        WaitStep wait => $"wait {BindDuration.Of(wait.Seconds)}",
        SysctlStep sysctl => $"sysctl {sysctl.Name} = {BindNames.Words(sysctl.Value)}",
        ExpectStep expect =>
            $"expect {BindExpectation.Of(expect)}"
                + (expect.Steps == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $" of {expect.Steps}")),
        StateStep state => $"state {BindNames.Of(state.Socket)}",
        NameStep name => $"name {BindNames.Of(name.Socket)}",
        HoldStep hold => $"hold {BindNames.Of(hold.Socket)}",
        ReleaseStep release => $"release {BindNames.Of(release.Socket)}",
        LoseStep lose => $"lose {BindNames.Of(lose.Socket)}",
        RepeatStep repeat => $"repeat {BindNames.Of(repeat.Socket)} {SegmentWords.Of(repeat.Kind)}",
        StreamStep stream => $"stream {BindNames.Of(stream.Socket)} {BindNames.Of(stream.To)} {BindBytes.Of(stream.Bytes)}",
        SignalStep signal => $"signal {BindNames.Of(signal.Process)} {SignalWords.Of(signal.Signal)}",
        ExitStep exit => $"exit {BindNames.Of(exit.Process)}",
        RetryStep retry => $"retry {BindDuration.Of(retry.EverySeconds)} for {BindDuration.Of(retry.ForSeconds)} {Single(retry.Attempt)}",
        _ => throw new ArgumentException("The form has no statement for this kind of step.", nameof(step)),
    };

    private static string Target(ConnectStep connect) =>
        connect.To is { } to ? BindNames.Of(to) : new BindEndpoint(connect.Address, connect.Port, null).ToString();

    private static string Endpoint(BindStep bind) => BindNames.Text(new BindEndpoint(bind.Address, bind.Port, bind.Scope).ToString());
}

/// <summary>Writes a valid scenario as the lines of a .bind file, the arrows one under the other.</summary>
internal sealed class BindWriter
{
    private const int MaxChars = 100;
    private const int MaxIndent = 60;

    private readonly BindStatementWriter _statements = new();
    private readonly List<(string Statements, string? Expectation)> _lines = [];

    public string Write(Scenario scenario)
    {
        var steps = scenario.Steps.AsSpan();
        while (!steps.IsEmpty)
        {
            var run = RunLength(steps);
            var expect = run < steps.Length ? (ExpectStep)steps[run] : null;
            var covered = expect is null || run == 0 ? 0 : expect.Steps;
            WriteFree(steps[..(run - covered)]);
            if (covered > 0)
                _lines.Add((string.Join("; ", Statements(steps[(run - covered)..run])), BindExpectation.Of(expect!)));
            else if (expect is not null)
                _lines.Add((_statements.Next([expect], out _), null));
            steps = steps[(expect is null ? run : run + 1)..];
        }
        return Format(scenario.Name);
    }

    // How many steps come before the next expectation.
    private static int RunLength(ReadOnlySpan<Step> steps)
    {
        var length = 0;
        while (length < steps.Length && steps[length] is not ExpectStep)
            length++;
        return length;
    }

    // Each statement is a line of its own, but closes that follow each other share one.
    private void WriteFree(ReadOnlySpan<Step> steps)
    {
        var shared = false;
        while (!steps.IsEmpty)
        {
            var isClose = steps[0] is CloseStep or AbortStep;
            var statement = _statements.Next(steps, out var taken);
            if (shared && isClose && _lines[^1].Statements.Length + statement.Length < MaxChars)
                _lines[^1] = (_lines[^1].Statements + "; " + statement, null);
            else
                _lines.Add((statement, null));
            shared = isClose;
            steps = steps[taken..];
        }
    }

    private List<string> Statements(ReadOnlySpan<Step> steps)
    {
        var statements = new List<string>();
        while (!steps.IsEmpty)
        {
            statements.Add(_statements.Next(steps, out var taken));
            steps = steps[taken..];
        }
        return statements;
    }

    private string Format(string name)
    {
        var text = new StringBuilder();
        if (name.Length > 0)
            text.Append("scenario ").Append(BindNames.Words(name)).Append('\n');
        var indent = _lines.Where(static line => line.Expectation is not null && line.Statements.Length <= MaxIndent)
            .Select(static line => line.Statements.Length).DefaultIfEmpty(0).Max();
        foreach (var (statements, expectation) in _lines)
        {
            text.Append(expectation is null ? statements : $"{statements.PadRight(indent)} -> {expectation}");
            text.Append('\n');
        }
        return text.ToString();
    }
}

/// <summary>
/// What kind of socket each name stood for last, as far as a file says: it decides the family, and for <c>c = connect a</c> the protocol,
/// where they are left out. Reader and writer use it alike.
/// </summary>
internal sealed class BindSockets
{
    private readonly Dictionary<string, (Protocol Protocol, IpFamily Family)> _kinds = [];

    public void Learn(Step step)
    {
        if (step is OpenStep open)
            _kinds[open.Socket] = (open.Protocol, open.Family);
        else if (step is AcceptStep accept)
            _kinds[accept.As] = _kinds.TryGetValue(accept.Socket, out var kind) ? kind : (Protocol.Tcp, IpFamily.IPv4);
    }

    /// <summary>The protocol of <c>c = connect …</c>: that of the socket to connect to, TCP if it is not known.</summary>
    public Protocol ProtocolToward(ConnectStep connect) =>
        connect.To is { } to && _kinds.TryGetValue(to, out var kind) ? kind.Protocol : Protocol.Tcp;

    /// <summary>
    /// The family of a new socket: that of the first address that it is bound or connected to, or of the socket; IPv4 if there is none.
    /// </summary>
    public IpFamily FamilyFor(IEnumerable<Step> steps) => steps.FirstOrDefault(static step => step is BindStep or ConnectStep) switch
    {
        BindStep bind => bind.Address.Family,
        ConnectStep { To: { } to } => _kinds.TryGetValue(to, out var kind) ? kind.Family : IpFamily.IPv4,
        ConnectStep connect => connect.Address.Family,
        _ => IpFamily.IPv4,
    };
}
