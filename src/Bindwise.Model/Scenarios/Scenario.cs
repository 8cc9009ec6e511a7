using System.Buffers;
using System.Text.Json;
using System.Text.Unicode;
using Bindwise.Model.Scenarios.Json;
using Bindwise.Model.Scenarios.Words;
using Bindwise.Model.Targets.Grammar;
using Bindwise.Model.Text;

namespace Bindwise.Model.Scenarios;

/// <summary>A list of steps, played in order on a host that starts empty: on the model, on the kernel, or on both.</summary>
/// <param name="Name">What it is called in results; may be empty.</param>
internal sealed record Scenario(string Name, ImmutableArray<Step> Steps)
{
    private readonly EquatableArray<Step> _steps = Steps;

    public const int MaximumSteps = 10_000;

    /// <summary>The system whose rules it is about; only <c>linux</c> can be played.</summary>
    public string Platform { get; init; } = ScenarioRules.Linux;

    public ImmutableArray<Step> Steps { get => _steps; init => _steps = value; }
}

/// <summary>What playing a scenario gave, step by step.</summary>
/// <param name="Steps">An outcome for every step, in order; fewer where it could not be played to its end.</param>
internal sealed record ScenarioResult(Scenario Scenario, ImmutableArray<StepOutcome> Steps)
{
    /// <summary>Why it could not be played to its end, one line; null when it was.</summary>
    public string? Error { get; init; }

    /// <summary>The error is a fault of this program, not a kernel that cannot be used.</summary>
    public bool IsFault { get; init; }

    /// <summary>The TCP states that its sockets were in, as far as the hosts tell; in the order of their numbers.</summary>
    public ImmutableArray<TcpSocketState> States { get; init; } = [];

    /// <summary>Model and kernel differ in at least one step.</summary>
    public bool IsMismatch => Steps.Any(static outcome => outcome.IsMismatch);

    public int FailedExpectations => Steps.Count(static outcome => outcome.IsFailedExpectation);
}

/// <summary>What is wrong with a scenario that was read, and where.</summary>
/// <param name="What">One line: what is wrong, why, and what would be right. Text of the file stands in it shortened and harmless.</param>
/// <param name="Line">The line in the file or stream, from 1.</param>
/// <param name="Column">The column in that line, from 1: characters in a .bind file, bytes in JSON; 0 when no place in it is meant.</param>
/// <param name="Step">The index of the step, from 0; null when no step is at fault.</param>
/// <param name="Example">The line as it would be right, or a line of that kind which is; null when <see cref="What"/> says enough.</param>
internal sealed record ScenarioFault(string What, int Line = 1, int Column = 0, int? Step = null, string? Example = null)
{
    /// <summary>The fault as one line that names file, line, column and step, as compilers print it.</summary>
    /// <param name="file">The file's name, or <c>-</c>.</param>
    public string At(string file)
    {
        var place = Column > 0 ? string.Create(CultureInfo.InvariantCulture, $"{file}:{Line}:{Column}: ")
            : string.Create(CultureInfo.InvariantCulture, $"{file}:{Line}: ");
        return place + ToString();
    }

    /// <summary>The fault without file and line: the step, what is wrong, and the example.</summary>
    public override string ToString()
    {
        var step = Step is { } index ? string.Create(CultureInfo.InvariantCulture, $"step {index}: ") : "";
        return step + What + (Example is null ? "" : ", as in: " + Example);
    }
}

/// <summary>What reading one scenario gave: the scenario, or what is wrong with it.</summary>
/// <param name="Scenario">The scenario; null when there is a fault.</param>
/// <param name="Faults">The faults in the order of the text, of JSON the first one only; empty on success.</param>
internal sealed record ScenarioParse(Scenario? Scenario, ImmutableArray<ScenarioFault> Faults)
{
    /// <summary>The scenario's name, even of a faulty one as far as it could be read; empty when it has none.</summary>
    public string Name { get; init; } = "";

    /// <summary>The line of the file or stream on which it starts, from 1.</summary>
    public int Line { get; init; } = 1;

    /// <summary>Where each step stands, by its index; empty for JSON, where all stand on <see cref="Line"/>.</summary>
    public ImmutableArray<StepPosition> Positions { get; init; } = [];

    public bool IsSuccess => Scenario is not null;

    public ScenarioFault? Fault => Faults.FirstOrDefault();
}

/// <summary>Where a step stands in a .bind file.</summary>
/// <param name="Line">The line, from 1.</param>
/// <param name="Column">The column of the word that makes the step, from 1.</param>
internal readonly record struct StepPosition(int Line, int Column);

/// <summary>
/// A stream of JSON documents, read one line at a time, so that a stream of any length takes the memory of its longest line.
/// </summary>
internal sealed class ScenarioLines
{
    /// <summary>How many lines were read, blank ones included.</summary>
    public int Count { get; private set; }

    /// <summary>Reads the next line. Never throws, whatever the bytes.</summary>
    /// <param name="line">The line, with or without its end.</param>
    /// <returns>What reading its document gave; null for a blank line.</returns>
    public ScenarioParse? Next(ReadOnlySpan<byte> line)
    {
        Count++;
        var document = line.Trim(" \t\r\n"u8);
        return document.IsEmpty ? null : ScenarioJson.Parse(line.TrimEnd("\r\n"u8), Count);
    }
}

/// <summary>What a scenario may hold: more is refused when it is read, alike for both hosts.</summary>
internal static class ScenarioLimits
{
    /// <summary>
    /// The most bytes that all sends of a scenario may amount to: less than the smallest window, so that no send waits for its reader.
    /// </summary>
    public const int BytesInAll = 32_768;

    /// <summary>The longest wait of one step, in seconds.</summary>
    public const int WaitSeconds = 86_400;

    /// <summary>The most sockets that may be open at once.</summary>
    public const int OpenSockets = 4_096;

    /// <summary>The most processes that may run at once.</summary>
    public const int Processes = 16;

    /// <summary>The most attempts that one retry makes.</summary>
    public const int Attempts = 10_000;

    /// <summary>Attempts of all retries together: what a scenario costs is bounded however many lines it has.</summary>
    public const int AttemptsInAll = 100_000;

    /// <summary>The most bytes that one stream carries: 1 GiB.</summary>
    public const long StreamBytes = 1_073_741_824;

    /// <summary>The longest name of a socket, and of a scenario, in characters.</summary>
    public const int NameLength = 200;
}

/// <summary>
/// What makes a scenario valid: what both forms can say, within <see cref="ScenarioLimits"/>. A scenario that was read is valid.
/// </summary>
internal static class ScenarioRules
{
    internal const string Linux = "linux";

    /// <summary>The first thing that is wrong with a scenario; null when it is valid.</summary>
    public static ScenarioFault? FaultOf(Scenario scenario)
    {
        if ((NameRules.OfScenario(scenario.Name) ?? OfPlatform(scenario.Platform)) is { } whole)
            return new ScenarioFault(whole);
        if (scenario.Steps.IsDefault)
            return new ScenarioFault("the scenario has no list of steps; give an empty one");
        var meter = new ScenarioMeter();
        for (var index = 0; index < scenario.Steps.Length; index++)
        {
            var step = scenario.Steps[index];
            if ((StepRules.OfStep(step) ?? meter.Add(step)) is { } fault)
                return new ScenarioFault(fault) { Step = index };
        }
        return null;
    }

    /// <summary>Refuses what no form can say.</summary>
    internal static void ThrowIfNotValid(Scenario scenario)
    {
        if (FaultOf(scenario) is { } fault)
            throw new ArgumentException(fault.ToString(), nameof(scenario));
    }

    internal static string? OfPlatform(string platform) =>
        platform == Linux ? null : $"the platform {Fault.Quote(platform)} cannot be played; linux can";
}

/// <summary>Scenarios as JSON, the form for programs: one document a line. docs/scenario-language.md has the fields.</summary>
internal static class ScenarioJson
{
    /// <summary>A longer document is refused: 32 MiB, more than the largest scenario takes.</summary>
    public const int MaximumBytes = 32 * 1024 * 1024;

    /// <summary>Reads one document. Never throws, whatever the bytes.</summary>
    /// <param name="line">The line of the stream on which it starts, from 1.</param>
    public static ScenarioParse Parse(ReadOnlySpan<byte> utf8, int line = 1)
    {
        if (utf8.Length > MaximumBytes)
            return Failure([], line, "the document is larger than 32 MiB; split the scenario", -1, null);
        if (!Utf8.IsValid(utf8))
            return Failure([], line, "the document is not UTF-8; save it as UTF-8", -1, null);
        var document = JsonBytes.WithoutMark(utf8);
        var start = utf8.Length - document.Length;
        var reader = new JsonScenarioReader(document);
        try
        {
            if (reader.Read())
                return new ScenarioParse(reader.Scenario, []) { Name = reader.Name, Line = line };
            return Failure(utf8, line, reader.Wrong!, start + reader.WrongAt, reader.WrongStep);
        }
        catch (JsonException)
        {
            return JsonBytes.IsCutOff(document)
                ? Failure(utf8, line, "the document is cut off; write each document on one line", utf8.Length, reader.WrongStep)
                : Failure(utf8, line, "this is not JSON; write each document on one line", start + reader.Consumed, reader.WrongStep);
        }
    }

    /// <summary>Reads one document. Never throws, whatever the text.</summary>
    /// <param name="line">The line of the stream on which it starts, from 1.</param>
    public static ScenarioParse Parse(string text, int line = 1) => Parse(Encoding.UTF8.GetBytes(text), line);

    /// <summary>Writes a scenario as one line, without the line's end.</summary>
    /// <exception cref="ArgumentException">The scenario is not valid (<see cref="ScenarioRules"/>).</exception>
    public static string Write(Scenario scenario)
    {
        ScenarioRules.ThrowIfNotValid(scenario);
        var buffer = new ArrayBufferWriter<byte>();
        JsonScenarioWriter.Write(buffer, scenario);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>The bytes are one JSON document, whatever it says; it may go over several lines.</summary>
    internal static bool IsOneDocument(ReadOnlySpan<byte> utf8) => JsonBytes.IsWhole(JsonBytes.WithoutMark(utf8));

    private static ScenarioParse Failure(ReadOnlySpan<byte> utf8, int line, string what, int at, int? step)
    {
        var before = utf8[..Math.Max(at, 0)];
        var fault = new ScenarioFault(what)
        {
            Line = line + before.Count((byte)'\n'),
            Column = at < 0 ? 0 : at - before.LastIndexOf((byte)'\n'),
            Step = step,
        };
        return new ScenarioParse(null, [fault]) { Name = JsonName.Find(JsonBytes.WithoutMark(utf8)), Line = line };
    }
}

/// <summary>What a scenario asks of the network namespace that it is played in, as its steps alone tell.</summary>
/// <param name="Ports">The ports that steps name, other than 0, ascending: those bound, connected to and sent to.</param>
/// <param name="UsesPortZero">A step binds port 0: which port it gets, or that none is left, depends
/// on all that stands in the namespace.</param>
/// <param name="TouchesRange">A step changes which ports the system gives out: a sysctl of the range or of the
/// reserved ports, or IP_LOCAL_PORT_RANGE.</param>
/// <param name="NamesPair">A step names <c>v0</c> or <c>v1</c>, the veth pair: as a device or as a scope.</param>
/// <param name="Segments">What the steps do to segments, and ask of closed sockets.</param>
/// <param name="IsAlone">It must have a namespace that nothing else uses: it runs processes of its own, meddles with segments, sends so
/// much that others would wait, or tries again as long as something is in its way.</param>
internal sealed record ScenarioNeeds(ImmutableArray<ushort> Ports, ImmutableArray<string> Sysctls, bool UsesPortZero, bool TouchesRange,
    bool NamesPair, SegmentNeeds Segments = default, bool IsAlone = false)
{
    /// <summary>Of a scenario whose steps are not known yet.</summary>
    internal static ScenarioNeeds Any { get; } =
        new([], [], false, false, NamesPair: true) { Segments = new SegmentNeeds(true, true, true) };

    /// <summary>The interface at one end of the veth pair (192.0.2.1, 2001:db8::1).</summary>
    public const string PairFirst = "v0";

    /// <summary>The interface at the other end of the veth pair (198.51.100.1, 2001:db8:1::1).</summary>
    public const string PairSecond = "v1";

    private const string RangeSysctl = "net.ipv4.ip_local_port_range";
    private const string ReservedSysctl = "net.ipv4.ip_local_reserved_ports";

    /// <summary>
    /// An endpoint as <see cref="NameStep"/> tells it: <c>127.0.0.1:auto</c> where the system chose the port from a range that the scenario
    /// left as it is, since no rule says which one that is.
    /// </summary>
    public string TextOf(IpEndpoint endpoint) => EndpointNames.Of(
        endpoint.Address,
        !TouchesRange && endpoint.Port is >= HostSettings.DefaultLocalPortFirst and <= HostSettings.DefaultLocalPortLast
            && !Ports.Contains(endpoint.Port) ? null : endpoint.Port);

    /// <summary>Finds out from a scenario's steps what the host must provide for it.</summary>
    public static ScenarioNeeds Of(Scenario scenario)
    {
        var ports = new SortedSet<ushort>();
        var sysctls = new List<string>();
        var (portZero, range, pair, alone) = (false, false, false, false);
        var segments = default(SegmentNeeds);
        foreach (var next in scenario.Steps)
        {
            var step = next is RetryStep retry ? retry.Attempt : next;
            alone |= next is RetryStep or HoldStep or ReleaseStep or LoseStep or RepeatStep or StreamStep or SignalStep or ExitStep;
            switch (step)
            {
                case OpenStep open:
                    pair |= IsPair(open.Device);
                    alone |= open.Process is not null;
                    break;
                case SetStep { Option: SocketOption.BindToDevice } set:
                    pair |= IsPair(set.Value.Text);
                    break;
                case SetStep { Option: SocketOption.LocalPortRange }:
                    range = true;
                    break;
                case BindStep bind:
                    pair |= IsPair(bind.Scope);
                    portZero |= bind.Port == 0;
                    _ = ports.Add(bind.Port);
                    break;
                case ConnectStep { To: null } connect:
                    _ = ports.Add(connect.Port);
                    break;
                case SendStep { To: { } to }:
                    _ = ports.Add(to.Port);
                    break;
                case HoldStep:
                    segments = segments with { Holds = true, AsksOfClosed = true };
                    break;
                case RepeatStep:
                    segments = segments with { Repeats = true, AsksOfClosed = true };
                    break;
                case StateStep or StreamStep or ReleaseStep or LoseStep:
                    segments = segments with { AsksOfClosed = true };
                    break;
                case SysctlStep sysctl:
                    range |= sysctl.Name is RangeSysctl or ReservedSysctl;
                    if (!sysctls.Contains(sysctl.Name))
                        sysctls.Add(sysctl.Name);
                    break;
            }
        }
        _ = ports.Remove(0);
        return new ScenarioNeeds([.. ports], [.. sysctls], portZero, range, pair) { IsAlone = alone, Segments = segments };
    }

    private static bool IsPair(string? device) => device is PairFirst or PairSecond;
}

/// <summary>What a scenario does to segments, and asks of closed sockets: a host keeps for it what else it would forget.</summary>
/// <param name="Holds">It holds segments back (<see cref="HoldStep"/>).</param>
/// <param name="Repeats">It repeats old segments (<see cref="RepeatStep"/>).</param>
/// <param name="AsksOfClosed">It may speak of sockets that are closed.</param>
internal readonly record struct SegmentNeeds(bool Holds, bool Repeats, bool AsksOfClosed);
