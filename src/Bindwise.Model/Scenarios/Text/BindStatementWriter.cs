using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Bindwise.Model.Scenarios.Words;

namespace Bindwise.Model.Scenarios.Text;

/// <summary>Writes steps as statements, the longest compound line that stands for exactly them.</summary>
internal sealed class BindStatementWriter
{
    private const int MaxChars = 100;

    private readonly BindSockets _sockets = new();

    /// <summary>Writes some of the steps as one statement.</summary>
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
        var isPlainClient = actions is [ConnectStep connect] && open == new OpenStep(open.Socket, _sockets.ProtocolToward(connect), implied);
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
        SendStep send => string.Create(CultureInfo.InvariantCulture, $"send {BindNames.Of(send.Socket)} {send.Bytes}{(send.To is { } to ? $" to {to}" : "")}"),
        ReceiveStep receive => string.Create(CultureInfo.InvariantCulture, $"receive {BindNames.Of(receive.Socket)} {receive.Bytes}"),
        ShutdownStep shutdown => $"shutdown {BindNames.Of(shutdown.Socket)} {ShutdownWords.Of(shutdown.How)}",
        CloseStep close => $"close {BindNames.Of(close.Socket)}",
        AbortStep abort => $"abort {BindNames.Of(abort.Socket)}",
        WaitStep wait => $"wait {BindDuration.Of(wait.Seconds)}",
        SysctlStep sysctl => $"sysctl {sysctl.Name} = {BindNames.Words(sysctl.Value)}",
        ExpectStep expect => $"expect {BindExpectation.Of(expect)}{(expect.Steps == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $" of {expect.Steps}"))}",
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
