using Bindwise.Model.Targets.Grammar;

namespace Bindwise.Model.Scenarios.Words;

/// <summary>
/// Which steps a scenario may have, told of the step itself: what both forms can say, and the builder must keep to. Every method gives
/// null, or what is wrong.
/// </summary>
internal static class StepRules
{
    /// <summary>(uid_t)-1, which setresuid(2) takes for "leave it as it is".</summary>
    private const uint NoUser = uint.MaxValue;

    private const decimal LeastEverySeconds = 0.01m;

    public static string? OfStep(Step step) => (step is SocketStep { Socket: var name } ? NameRules.OfSocket(name) : null) ?? step switch
    {
        OpenStep open => OfOpen(open),
        SetStep set => Enum.IsDefined(set.Option) ? OptionRules.Fault(set.Option, set.Value) : "the option is none that scenarios know",
        BindStep bind => OfAddress(bind.Address) ?? OfScope(bind),
        ConnectStep connect => OfConnect(connect),
        AcceptStep accept => NameRules.OfSocket(accept.As),
        SendStep send => OfBytes(send.Bytes, 0) ?? (send.To is { } to ? OfAddress(to.Address) : null),
        ReceiveStep receive => OfBytes(receive.Bytes, 1),
        ShutdownStep shutdown => Enum.IsDefined(shutdown.How) ? null : "shutdown ends read, write or both",
        WaitStep wait => OfSeconds(wait.Seconds),
        SysctlStep sysctl => SysctlRules.OfName(sysctl.Name) ?? SysctlRules.OfValue(sysctl.Value),
        ExpectStep expect => OfExpect(expect),
        RepeatStep repeat => Enum.IsDefined(repeat.Kind) ? null : "repeat takes data, syn, fin, ack or reset",
        StreamStep stream => NameRules.OfSocket(stream.To) ?? OfStreamed(stream.Bytes),
        SignalStep signal =>
            NameRules.OfProcess(signal.Process) ?? (Enum.IsDefined(signal.Signal) ? null : "signal takes INT, TERM or KILL"),
        ExitStep exit => NameRules.OfProcess(exit.Process),
        RetryStep retry => OfAttempt(retry.Attempt) ?? OfStep(retry.Attempt) ?? OfRetry(retry.EverySeconds, retry.ForSeconds),
        _ => null,
    };

    public static string? OfAttempt(Step attempt) => attempt is BindStep or ListenStep or ConnectStep
        ? null
        : NotTried(StepOps.Of(attempt));

    public static string NotTried(string op) => $"retry tries bind, listen or connect, not {op}";

    public static string? OfRetry(decimal everySeconds, decimal forSeconds)
    {
        if ((OfSeconds(everySeconds) ?? OfSeconds(forSeconds)) is { } fault)
            return fault;
        if (everySeconds < LeastEverySeconds)
            return "between two attempts are at least 10ms; give a longer time";
        if (forSeconds < everySeconds)
            return "a retry lasts at least as long as the time between two attempts; give a longer time after for";
        return forSeconds / everySeconds < ScenarioLimits.Attempts
            ? null
            : string.Create(CultureInfo.InvariantCulture,
                $"a retry makes at most {ScenarioLimits.Attempts} attempts; let more time pass between them");
    }

    public static string? OfStreamed(decimal bytes) => bytes is >= 1 and <= ScenarioLimits.StreamBytes && decimal.IsInteger(bytes)
        ? null
        : string.Create(CultureInfo.InvariantCulture,
            $"a stream of {bytes} bytes is out of range; give a whole number from 1 to {ScenarioLimits.StreamBytes} (1GiB)");

    public static string? OfUser(decimal user) => user is >= 0 and < NoUser && decimal.IsInteger(user)
        ? null
        : string.Create(CultureInfo.InvariantCulture, $"user {user} is not a user id; give a number from 0 to {NoUser - 1}");

    /// <summary>How many bytes to send (at least 0) or to receive (at least 1).</summary>
    public static string? OfBytes(decimal bytes, int least) =>
        bytes >= least && bytes <= ScenarioLimits.BytesInAll && decimal.IsInteger(bytes)
        ? null
        : string.Create(CultureInfo.InvariantCulture,
            $"{bytes} bytes are out of range; give a whole number from {least} to {ScenarioLimits.BytesInAll}");

    public static string? OfSeconds(decimal seconds)
    {
        if (seconds is < 0 or > ScenarioLimits.WaitSeconds)
            return string.Create(CultureInfo.InvariantCulture,
                $"a wait of {seconds} s is out of range; give 0 to {ScenarioLimits.WaitSeconds} seconds");
        return decimal.IsInteger(seconds * 1000) ? null : string.Create(CultureInfo.InvariantCulture,
            $"a wait of {seconds} s is finer than a millisecond; give at most three decimals");
    }

    public static string? OfPort(decimal port) => port is >= 0 and <= ushort.MaxValue && decimal.IsInteger(port)
        ? null
        : string.Create(CultureInfo.InvariantCulture, $"port {port} is out of range; give a whole number from 0 to 65535");

    public static string? OfCovered(decimal steps) => steps is >= 1 and <= Scenario.MaximumSteps && decimal.IsInteger(steps)
        ? null
        : string.Create(CultureInfo.InvariantCulture,
            $"an expectation over {steps} steps is out of range; give a whole number from 1 to {Scenario.MaximumSteps}");

    public static string? OfRule(string rule) =>
        ResultNames.IsRule(rule) ? null : $"{Fault.Quote(rule)} is not a rule id; write one such as BW004, or leave it out";

    public static string? OfBlocker(string by) => by.Length == 0
        ? "the blocker's name cannot be empty; write a socket's name or a state as TIME_WAIT, or leave it out" : NameRules.OfSocket(by);

    private static string? OfOpen(OpenStep open)
    {
        if (open.Protocol is not (Protocol.Tcp or Protocol.Udp))
            return "a scenario's sockets are tcp or udp";
        if (open.Family is not (IpFamily.IPv4 or IpFamily.IPv6))
            return "a scenario's sockets are ipv4 or ipv6";
        return (open.User is { } user ? OfUser(user) : null) ?? (open.Device is { } device ? NameRules.OfDevice(device) : null)
            ?? (open.Process is { } process ? NameRules.OfProcess(process) : null);
    }

    private static string? OfAddress(IpAddress address) =>
        address.Family is IpFamily.IPv4 or IpFamily.IPv6 ? null : "the step has no address";

    private static string? OfScope(BindStep bind) => bind.Scope switch
    {
        null => null,
        _ when bind.Address.Family == IpFamily.IPv4 => "an IPv4 address has no scope; leave it out",
        var scope => NameRules.OfDevice(scope),
    };

    private static string? OfConnect(ConnectStep connect) => connect.To is { } to ? NameRules.OfSocket(to) : OfAddress(connect.Address);

    private static string? OfResult(string text)
    {
        var fault = ResultNames.Read(text, out var result);
        return fault is null && result != text ? $"{Fault.Quote(text)} is another way to write {result}; write {result}" : fault;
    }

    private static string? OfExpect(ExpectStep expect)
    {
        var fault = OfResult(expect.Result) ?? (expect.Claimed is { } claimed ? OfResult(claimed) : null);
        return fault ?? (expect.Rule is { } rule ? OfRule(rule) : null) ?? (expect.By is { } by ? OfBlocker(by) : null)
            ?? OfCovered(expect.Steps);
    }
}

/// <summary>Which values an option takes, alike in both forms.</summary>
internal static class OptionRules
{
    public static bool IsFlag(SocketOption option) =>
        option is not (SocketOption.BindToDevice or SocketOption.LocalPortRange or SocketOption.Linger);

    public static string Takes(SocketOption option) => option switch
    {
        SocketOption.BindToDevice => "give an interface's name in quotes, as \"lo\", or \"\" to unbind",
        SocketOption.LocalPortRange => "give two ports in quotes, as \"40000-40010\", or the kernel's 32-bit word",
        SocketOption.Linger => "give seconds, as 0, or -1 to switch it off",
        _ => "give 1 for on or 0 for off",
    };

    /// <summary>Null, or what is wrong with the value.</summary>
    public static string? Fault(SocketOption option, OptionValue value)
    {
        var good = option switch
        {
            SocketOption.BindToDevice => value.Text is not null,
            SocketOption.LocalPortRange =>
                value.Text is { } text ? TryPortRange(text, out _, out _) : value.Number is >= 0 and <= uint.MaxValue,
            _ => value.Text is null && value.Number is >= int.MinValue and <= int.MaxValue,
        };
        if (!good)
            return $"{SocketOptionNames.Of(option)} does not take {Shown(value)}; {Takes(option)}";
        return option == SocketOption.BindToDevice && value.Text is { Length: > 0 } device ? NameRules.OfDevice(device) : null;
    }

    /// <summary>Reads <c>40000-40010</c>.</summary>
    public static bool TryPortRange(string text, out ushort first, out ushort last)
    {
        var (dash, none) = (text.IndexOf('-', StringComparison.Ordinal), NumberStyles.None);
        (first, last) = (0, 0);
        return dash > 0
            && ushort.TryParse(text.AsSpan(0, dash), none, CultureInfo.InvariantCulture, out first)
            && ushort.TryParse(text.AsSpan(dash + 1), none, CultureInfo.InvariantCulture, out last);
    }

    private static string Shown(OptionValue value) =>
        value.Text is { } text ? Targets.Grammar.Fault.Quote(text) : value.Number.ToString(CultureInfo.InvariantCulture);
}

/// <summary>Which sysctls a scenario may write, and which texts. Values out of range are left to the hosts: both say EINVAL.</summary>
internal static class SysctlRules
{
    private const int MaxValueChars = 1_000;

    /// <summary>Null, or what is wrong with the name.</summary>
    public static string? OfName(string name)
    {
        if (ScenarioSysctls.Find(name) is not null)
            return null;
        var known = ScenarioSysctls.All.Select(static sysctl => sysctl.Name).ToList();
        return $"scenarios know no sysctl {Fault.Quote(name)}{Nearest.Hint(name.Replace('/', '.'), known)}";
    }

    /// <summary>
    /// As sysctl(8) prints a value, so it may be given: the tab between two numbers is a blank to the kernel, the last line end nothing.
    /// </summary>
    public static string Plain(string value) => value.TrimEnd('\n').Replace('\t', ' ');

    /// <summary>Null, or what is wrong with the text to write.</summary>
    public static string? OfValue(string value)
    {
        if (value.Length > MaxValueChars)
            return $"a sysctl's value has {value.Length} characters, more than {MaxValueChars}; give a shorter one";
        return value.All(static c => c is >= ' ' and <= '~')
            ? null
            : $"the sysctl's value {Fault.Quote(value)} holds characters that no sysctl takes; write digits, blanks, commas and hyphens";
    }
}

/// <summary>
/// Holds a scenario, step by step, to what only the whole can show: <see cref="ScenarioLimits"/>, and what an expectation covers.
/// </summary>
internal sealed class ScenarioMeter
{
    private readonly HashSet<string> _open = [];
    private readonly HashSet<string> _processes = [];
    private int _steps;
    private int _sinceExpectation;
    private int _bytes;
    private decimal _attempts;

    /// <summary>Counts the next step; gives null, or what is wrong with it there.</summary>
    public string? Add(Step step)
    {
        if (++_steps > Scenario.MaximumSteps)
            return string.Create(CultureInfo.InvariantCulture, $"a scenario has at most {Scenario.MaximumSteps} steps; split it");
        var fault = step switch
        {
            OpenStep open => Open(open.Socket) ?? (open.Process is { } process ? Start(process) : null),
            AcceptStep accept => Open(accept.As),
            SendStep send => Send(send.Bytes),
            ExpectStep expect => Expect(expect.Steps),
            RetryStep { EverySeconds: > 0 } retry => Retry(decimal.Floor(retry.ForSeconds / retry.EverySeconds) + 1),
            _ => null,
        };
        if (step is CloseStep or AbortStep)
            _open.Remove(((SocketStep)step).Socket);
        if (step is SignalStep signal)
            _processes.Remove(signal.Process);
        if (step is ExitStep exit)
            _processes.Remove(exit.Process);
        _sinceExpectation = step is ExpectStep ? 0 : _sinceExpectation + 1;
        return fault;
    }

    private string? Open(string name) => _open.Add(name) && _open.Count > ScenarioLimits.OpenSockets
        ? string.Create(CultureInfo.InvariantCulture,
            $"socket {Fault.Quote(name)} is one more than the {ScenarioLimits.OpenSockets} that may be open at once; close some before it")
        : null;

    private string? Start(string process) => _processes.Add(process) && _processes.Count > ScenarioLimits.Processes
        ? string.Create(CultureInfo.InvariantCulture,
            $"process {Fault.Quote(process)} is one more than the {ScenarioLimits.Processes} that may run at once; end some before it")
        : null;

    private string? Send(int bytes)
    {
        _bytes += bytes;
        return _bytes > ScenarioLimits.BytesInAll
            ? string.Create(CultureInfo.InvariantCulture,
                $"the sends of a scenario amount to at most {ScenarioLimits.BytesInAll} bytes, so that none waits for its reader; this one "
                    + $"makes {_bytes}; send less")
            : null;
    }

    private string? Retry(decimal attempts)
    {
        _attempts += attempts;
        return _attempts > ScenarioLimits.AttemptsInAll
            ? string.Create(CultureInfo.InvariantCulture,
                $"the retries of a scenario make at most {ScenarioLimits.AttemptsInAll} attempts together; with this one they make "
                    + $"{_attempts}; let more time pass between them, or split it")
            : null;
    }

    private string? Expect(int steps)
    {
        if (_steps == 1)
            return "an expectation needs a step before it; put it after the step that it judges";
        if (steps == 1 || steps <= _sinceExpectation)
            return null;
        var are = _sinceExpectation == 1 ? "is" : "are";
        return string.Create(CultureInfo.InvariantCulture,
            $"an expectation over {steps} steps needs that many right before it, without another expectation among them; there {are} "
                + $"{_sinceExpectation}");
    }
}
