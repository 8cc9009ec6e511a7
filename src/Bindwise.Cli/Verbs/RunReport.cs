using System.Runtime.Versioning;
using Bindwise.Linux.Callers;
using Bindwise.Linux.Deadlines;
using Bindwise.Model.Diagnosing;
using Bindwise.Model.Diagnosing.Provenance;
using Bindwise.Model.Events;
using Bindwise.Rendering.Escaping;
using Bindwise.Rendering.Json;
using Bindwise.Supervising;

namespace Bindwise.Cli.Verbs;

/// <summary>
/// What the supervisor of <c>run</c> tells: the answer of <c>why</c>, in the program's place, at the moment of the failure.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class RunReport : ISupervisionReport
{
    private const int NameLimit = 32;
    private const int PathLimit = 256;

    // Of the supervisor that is the program's parent, and has its standard output.
    private const int StandardOutput = 1;

    private LineFile? _report;
    private LineFile? _events;
    private int? _columns;
    private TimeSpan _wait;

    // What was found out for the event, for the text that follows it at once.
    private (RefusedCall Call, Diagnosis? Known, string WhyNot)? _recorded;

    /// <summary>This process is the program's parent, and has its streams.</summary>
    public bool IsParent { get; init; }

    public string? Open(SupervisionPlan plan)
    {
        (_columns, _wait) = (plan.Columns, plan.Wait);
        string? fault = null;
        if (plan.Report is { } report && (_report = LineFile.Open(report, out fault)) is null)
            return $"--report {report} cannot be written: {fault}";
        return plan.Events is { } events && (_events = IsParent ? LineFile.Open(events, out fault, StandardOutput)
            : LineFile.Open(events, out fault)) is null ? $"--events {events} cannot be written: {fault}" : null;
    }

    public string Explain(RefusedCall call)
    {
        var headline = Line(
            $"{(call.IsListen ? "listen" : "bind")}() of {Escaper.Escape(call.Name, NameLimit)} (pid {Number(call.Process)}) to "
                + $"{WhereOf(call)} failed: {call.Error}");
        var (known, whyNot) = _recorded is { } recorded && ReferenceEquals(recorded.Call, call) ? (recorded.Known, recorded.WhyNot)
            : (Diagnose(call, out var missing), missing);
        _recorded = null;
        if (_report is not null && known is not null)
            Write(_report, line => DiagnosisJson.Write(line, known));
        if (known is not null && OwnSocket(known, call) is { } own)
            return headline + OfOwnSocket(known, call, own);
        if (ForItsUser(call, known, ref whyNot) is not { } diagnosis)
            return headline + Line(call.Bound is null ? $"the reason is not known: {whyNot}" : whyNot);
        var family = RunFamily.Of(call);
        if (family.ParentAmong(diagnosis) is { } parent)
            return headline + Sentence($"{parent}, which started this process, has that address already: only one of them can bind it");
        // Whoever held it has gone since.
        return diagnosis.Verdict == Verdict.Free && call.Error == "EADDRINUSE"
            ? headline + Line($"a moment later it was free: try again{(call.Path is null ? ", or use bindwise run --wait" : "")}")
            : headline + (family.MemberAmong(diagnosis) is { } member
                ? Sentence($"{member}, which has that address, was started by this same run") : "") + Text(diagnosis, whole: true);
    }

    public bool IsHeldByCaller(RefusedCall call) =>
        Diagnose(call, out _) is { } diagnosis && HoldingsOf(diagnosis, call).Any();

    public string ReportWaiting(RefusedCall call)
    {
        var headline = Line($"{Escaper.Escape(call.Name, NameLimit)} (pid {Number(call.Process)}) waits until {call.Endpoint} is free");
        var known = Diagnose(call, out var whyNot);
        if (ForItsUser(call, known, ref whyNot) is not { } diagnosis)
            return headline;
        var isTooShort = _wait != Timeout.InfiniteTimeSpan && diagnosis.FreeAt > diagnosis.TakenAt + _wait;
        return headline + Text(diagnosis, whole: false)
            + (isTooShort ? Line($"that is longer than --wait allows: {WaitOption(diagnosis)} would do") : "");
    }

    public string Note(string message) => Sentence(message);

    public void Record(SupervisionEvent what, int process, IpEndpoint? endpoint, string? reason)
    {
        if (_events is null)
            return;
        var kind = what switch
        {
            SupervisionEvent.Bind => PortEventKind.Bind,
            SupervisionEvent.Listen => PortEventKind.Listen,
            SupervisionEvent.OptionSet => PortEventKind.OptionSet,
            SupervisionEvent.Moved => PortEventKind.Moved,
            SupervisionEvent.Held => PortEventKind.Held,
            SupervisionEvent.Started => PortEventKind.Started,
            SupervisionEvent.Exited => PortEventKind.Exited,
            SupervisionEvent.Restarted => PortEventKind.Restarted,
        };
        var isResult = kind is PortEventKind.Held or PortEventKind.Exited;
        var happened = new PortEvent
        {
            Time = DateTimeOffset.UtcNow,
            Kind = kind,
            ProcessId = process,
            Address = endpoint?.ToString(),
            Result = isResult ? reason ?? "" : "ok",
            Reason = isResult ? null : reason,
        };
        Write(_events, line => EventJson.Write(line, happened));
    }

    public void RecordRefused(RefusedCall call, bool isNew)
    {
        if (_events is null)
            return;
        var whyNot = "it failed the same way before, so it was not examined again";
        var known = isNew ? Diagnose(call, out whyNot) : null;
        _recorded = isNew ? (call, known, whyNot) : null;
        var happened = new PortEvent
        {
            Time = DateTimeOffset.UtcNow,
            Kind = PortEventKind.BindFailed,
            Protocol = call.Protocol,
            Call = call.IsListen ? PortEventCall.Listen : PortEventCall.Bind,
            ProcessId = call.Process,
            Program = call.Name,
            Address = call.Path ?? call.Endpoint.ToString(),
            Result = call.Error,
            Options = [.. call.Options.Names()],
            Cause = known?.Cause.Id(),
            Summary = known?.Summary,
            Limits = known is null ? [whyNot] : [],
            Diagnosis = known is null ? null : EventDiagnosis.Of(known),
        };
        Write(_events, line => EventJson.Write(line, happened));
    }

    private static void Write(LineFile file, Action<IBufferWriter<byte>> write)
    {
        var line = new ArrayBufferWriter<byte>();
        write(line);
        line.Write("\n"u8);
        file.Write(line.WrittenSpan);
    }

    // The text goes to the program, whose user may know less than the supervisor's.
    private static Diagnosis? ForItsUser(RefusedCall call, Diagnosis? known, ref string whyNot)
    {
        if (call.IsElsewhere)
            return Diagnose(question => Inquiry.AskWithItsRights(call.Thread, call.StillStands, question), call, out whyNot);
        if (call.StillStands())
            return known;
        whyNot = "the call is over already";
        return null;
    }

    private static Diagnosis? Diagnose(RefusedCall call, out string whyNot) => Diagnose(Inquiry.AskOnce, call, out whyNot);

    private static Diagnosis? Diagnose(Func<PortQuery, Diagnosis> ask, RefusedCall call, out string whyNot)
    {
        whyNot = call.Bound is { } bound ? $"this socket is bound to {bound} already, and a socket is bound only once" : "";
        if (call.Bound is not null)
            return null;
        var address = call.Endpoint.Address;
        var scope = call.Scope == 0 ? null : call.Scope.ToString(CultureInfo.InvariantCulture);
        var question = new PortQuery
        {
            Target = call.Path is { } path ? new Target { Text = $"unix:{path}", Protocol = Protocol.Unix, Path = path } : new Target
            {
                Text = scope is null ? call.Endpoint.ToString() : $"[{address}%{scope}]:{Number(call.Endpoint.Port)}",
                Protocol = call.Protocol,
                Host = address.ToString(),
                Address = address,
                Scope = scope,
                Port = call.Endpoint.Port,
            },
            Options = call.Options,
            Asker = call.Process,
            As = call.IsElsewhere
                ? new SubjectSelector { Process = Number(call.Process), Thread = call.Thread, IsEnding = true } : null,
        };
        try
        {
            return ask(question);
        }
        catch (PortQueryException exception)
        {
            whyNot = exception.Message;
            return null;
        }
    }

    private static IEnumerable<Blocker> HoldingsOf(Diagnosis diagnosis, RefusedCall call) =>
        diagnosis.Blockers.Where(blocker => blocker.Owners.Any(owner => owner.Process.Id == call.Process));

    // What it inherited together with others is theirs as well: of them the whole answer tells.
    private static HeldSocket? OwnSocket(Diagnosis diagnosis, RefusedCall call) => HoldingsOf(diagnosis, call).FirstOrDefault(blocker =>
        blocker.Owners.Length == 1
        || blocker.Owners.Any(owner => owner.Process.Id == call.Process && owner.Role != OwnerRole.Inherited))?.Socket;

    // To end what holds it would be no advice: it is the program itself.
    private static string OfOwnSocket(Diagnosis diagnosis, RefusedCall call, HeldSocket own)
    {
        if (call.Path is not null || own.Local.Address == call.Endpoint.Address || diagnosis.Why is not [var why, ..])
            return Line("this process has that address already, on another socket; close that one first, or bind it only once");
        if (call.Endpoint.Address.IsAny && call.Endpoint.Address.Family == own.Local.Address.Family)
            return Line($"this process has {own.Local} already, on another socket, and {call.Endpoint} includes it; close that one first, "
                + $"or bind {call.Endpoint} alone");
        var sentence = Line($"this process has {own.Local} already, on another socket. {why}");
        if (AddressFamilies.WithinOneProgram(diagnosis, call.Process) is not { } advice)
            return sentence;
        return sentence + Sentence(advice.Text)
            + string.Concat(advice.Code?.Split('\n').Select(static line => $"  {line}\n") ?? []);
    }

    // With what the timer wheel adds.
    private static string WaitOption(Diagnosis diagnosis) =>
        $"--wait={Number((int)Math.Ceiling((diagnosis.FreeAt!.Value - diagnosis.TakenAt).TotalSeconds) + 1)}s";

    // Who waits by hand starts the program again by hand.
    private static Remedy OfRun(Remedy remedy, Diagnosis diagnosis) => remedy.Id != "wait" || diagnosis.FreeAt is null ? remedy
        : remedy.Running(null) with { Text = $"{remedy.Text.TrimEnd('.')}; bindwise run {WaitOption(diagnosis)} waits by itself." };

    private string Text(Diagnosis diagnosis, bool whole)
    {
        diagnosis = diagnosis with { Remedies = [.. diagnosis.Remedies.Select(one => OfRun(one, diagnosis))] };
        var options = new TextOptions(_columns);
        return TextOutput.Format(whole ? DiagnosisText.Render(diagnosis, options) : DiagnosisText.RenderHeadline(diagnosis, options),
            isColoured: false);
    }

    private static string WhereOf(RefusedCall call) => call.Path is { } path ? Escaper.Escape(path, PathLimit) : call.Endpoint.ToString();

    private static string Sentence(string text) => Line(Escaper.EscapeSentence(text));

    private static string Line(string text) => $"bindwise: {text}\n";

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}

/// <summary>The processes of one run, as a call that failed shows them: who of them has the address that it asked for.</summary>
[SupportedOSPlatform("linux")]
internal sealed class RunFamily
{
    // From the process that called up to the program that is run; empty where it no longer descends from that.
    private readonly ImmutableArray<int> _line;
    private readonly int _program;
    private readonly int _process;

    private RunFamily(ImmutableArray<int> line, RefusedCall call) => (_line, _program, _process) = (line, call.Program, call.Process);

    internal static RunFamily Of(RefusedCall call)
    {
        var parents = BoundedWork.TryRun(() => CallerAncestry.Read(call.Process), out var above) ? above : [];
        ImmutableArray<int> line = [call.Process, .. parents];
        return new RunFamily(line[..(line.IndexOf(call.Program) + 1)], call);
    }

    /// <summary>A process of the run from which the one that called descends; null for none.</summary>
    internal string? ParentAmong(Diagnosis diagnosis) => Find(diagnosis, process => _line.Contains(process.Id));

    internal string? MemberAmong(Diagnosis diagnosis)
    {
        if (_line.IsEmpty)
            return null;
        var parents = diagnosis.Processes.DistinctBy(static process => process.Id)
            .ToDictionary(static process => process.Id, static process => process.ParentId);
        return Find(diagnosis, process =>
        {
            var id = process.Id;
            // What is in circles is no family.
            for (var left = parents.Count; left > 0 && id != _program && parents.TryGetValue(id, out var parent); left--)
                id = parent;
            return id == _program;
        });
    }

    private string? Find(Diagnosis diagnosis, Func<ProcessRecord, bool> isWanted) =>
        diagnosis.Blockers.SelectMany(static blocker => blocker.Owners)
            .FirstOrDefault(owner => owner.Process.Id != _process && isWanted(owner.Process)) is { } found
            ? ProcessNames.Short(found.Process) : null;
}
