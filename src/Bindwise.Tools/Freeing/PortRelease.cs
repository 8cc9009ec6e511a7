using Bindwise.Linux.Listening;
using Bindwise.Linux.Processes;
using Bindwise.Model.Diagnosing;
using Bindwise.Model.Diagnosing.Freeing;
using Bindwise.Model.Diagnosing.Provenance;

namespace Bindwise.Tools;

/// <summary>
/// Frees a port or a path, in two steps: <see cref="Prepare"/> says what will be done and takes handles on the processes and the file, so
/// that whatever happens to their numbers and its path meanwhile, nothing else is ended or removed; <see cref="Execute"/> looks again, does
/// it, and proves it by a bind(). Linux only. Not thread-safe.
/// </summary>
/// <example>
/// <code>
/// using var release = PortRelease.Prepare(new FreeRequest { Query = PortQuery.Of(8080) });
/// foreach (var action in release.Plan.Actions)
///     Console.WriteLine(action.Text);
/// var result = release.Execute();
/// </code>
/// </example>
[SupportedOSPlatform("linux")]
public sealed class PortRelease : IDisposable
{
    /// <summary>So often it is looked at while its holders come and go.</summary>
    private const int Reads = 3;

    private readonly Inquiry _inquiry;
    private readonly FreeRights _rights;
    private readonly Dictionary<int, HolderHandle> _handles = [];
    private SocketFileEntry? _file;

    private PortRelease(FreeRequest request, Inquiry inquiry)
    {
        Request = request;
        _inquiry = inquiry;
        var own = new ProcessReader(static _ => null).Read(Environment.ProcessId);
        _rights = new FreeRights
        {
            MayEndOthers = request.MayEndOthers,
            Destroys = request.Destroy,
            Forces = request.Force,
            IsNetworkAdministrator = CapabilityCall.Effective(out var capabilities) == Errno.None
                && (capabilities >> CapabilityCall.NetworkAdministration & 1) != 0,
            Wait = request.Wait,
            Settles = request.Settle > TimeSpan.Zero,
            OwnUnit = own?.Unit,
            OwnContainer = own?.Container,
            Shown = request.Sockets,
        };
        Plan = null!;
    }

    /// <summary>What was asked for.</summary>
    public FreeRequest Request { get; }

    /// <summary>What will be done, or why nothing is.</summary>
    public FreePlan Plan { get; private set; }

    /// <summary>
    /// Looks at what is in the way, makes the plan, and takes a handle on each process that is to be ended. Changes nothing.
    /// </summary>
    /// <param name="request">What is to be freed.</param>
    /// <param name="cancellationToken">Ends the search between two of its stages.</param>
    /// <exception cref="ArgumentException">The query is null, or about another program, or about what .NET alone can see; a time is
    /// negative.</exception>
    /// <exception cref="PortQueryException">The system cannot answer.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static PortRelease Prepare(FreeRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.Query is null)
            throw new ArgumentNullException(nameof(request), "Query must not be null: it says what is to be freed.");
        request.Query.Check(nameof(request));
        if (request.GracePeriod < TimeSpan.Zero || request.Settle < TimeSpan.Zero || request.Wait < TimeSpan.Zero)
            throw new ArgumentOutOfRangeException(nameof(request), "GracePeriod, Settle and Wait are times of zero or more.");
        if (request.Query.As is not null || request.Query.Portable)
            throw new ArgumentException("A port is freed where this process runs: the query may have neither As nor Portable.",
                nameof(request));
        var release = new PortRelease(request, Inquiry.Open(null, portable: false));
        try
        {
            release.MakePlan(cancellationToken);
        }
        catch
        {
            release.Dispose();
            throw;
        }
        // The likelier protocol may have become free since: what has the other one is not ended for that.
        var target = request.Query.Target;
        if (PastedErrors.AsUdp(target, release.Plan.Diagnosis) is { } udp)
            release.Refuse("protocol-open",
                $"The error does not say whether it is of TCP, which is free, or of UDP, which is not. For UDP: bindwise free {udp.Text}");
        else if (target.Pasted is { IsLessLikely: true } && !release.Plan.Actions.IsEmpty)
            release.Refuse("protocol-open", $"The error does not say its protocol, and such errors seldom mean "
                + $"{(target.Protocol == Protocol.Udp ? "UDP" : "TCP")}. If this one does: bindwise free {target.Text}");
        return release;
    }

    /// <summary>
    /// Does it: looks again first, and does only what the plan says of what still stands. Never throws for what goes wrong: the result
    /// tells.
    /// </summary>
    /// <param name="progress">Is told each action as soon as it is done; on the calling thread. Null for nobody.</param>
    /// <param name="cancellationToken">Ends the waiting, and what is not begun yet; the result tells what was done until then.</param>
    /// <exception cref="PortQueryException">The system cannot answer.</exception>
    public FreeResult Execute(Action<FreeStep>? progress = null, CancellationToken cancellationToken = default)
    {
        if (Plan.Refusal is not null || Plan.Actions.IsEmpty)
            return Untouched(Plan.Refusal is null ? FreeOutcome.AlreadyFree : FreeOutcome.Refused, Plan.Refusal?.Reason,
                Plan.Refusal?.Text);
        return new ReleaseRun(this, progress, cancellationToken).Execute();
    }

    /// <summary>Takes an action that waits for its parent to start the server again out of the plan: nobody consented to it.</summary>
    /// <param name="action">One of the plan's.</param>
    /// <exception cref="ArgumentException">The plan has no such action, or the others depend on it.</exception>
    public void Exclude(FreeAction action)
    {
        ArgumentNullException.ThrowIfNull(action);
        if (!action.IsIfTakenAgain || !Plan.Actions.Contains(action))
            throw new ArgumentException("Only an action of the plan that is done if the port is taken again can be left out.",
                nameof(action));
        Plan = Plan with { Actions = Plan.Actions.Remove(action) };
    }

    internal FreeResult Untouched(FreeOutcome outcome, string? reason = null, string? explanation = null) => new()
    {
        Outcome = outcome,
        Reason = reason,
        Explanation = explanation,
        Steps = [.. Plan.Actions.Select(static action => new FreeStep { Action = action, Result = "planned" })],
        Diagnosis = Plan.Diagnosis,
    };

    /// <summary>The plan as an answer: nothing was done.</summary>
    internal FreeResult Shown(string reason, string? explanation = null) =>
        Untouched(Plan.Leftover is null ? FreeOutcome.WouldFree : FreeOutcome.WouldNotFree, reason, explanation ?? Plan.Leftover);

    /// <inheritdoc/>
    public void Dispose()
    {
        ReleaseHandles();
        _file?.Dispose();
        _inquiry.Dispose();
    }

    internal HolderHandle? HandleOf(FreeAction action) => action.Process is { } process ? _handles.GetValueOrDefault(process.Id) : null;

    /// <summary>The socket's file of the plan, in the folder where it was; null where the plan has none.</summary>
    internal SocketFileEntry? FileOf(FreeAction action) => action.Kind == FreeActionKind.UnlinkFile ? _file : null;

    /// <summary>Takes the file that stands at the path now in place of the one that was there: a server that follows has made it.</summary>
    internal void FollowFile(FreeAction action)
    {
        if (SocketFileEntry.Open(action.Path!) is not { } file)
            return;
        _file?.Dispose();
        _file = file;
    }

    /// <summary>Takes a handle on what a parent of the plan started again; false where it has ended, or another started it.</summary>
    internal bool Follow(FreeAction parent, ProcessRecord child, IReadOnlyList<ProcessRecord> parents) =>
        HandleOf(parent) is { HasEnded: false } && Restarters.Of(child, parents, [parent.Process!]) is not null && Follow(child);

    /// <summary>Takes a handle on a process that came later; false where it has ended.</summary>
    internal bool Follow(ProcessRecord process)
    {
        if (HolderHandle.Open(process) is not { } handle)
            return false;
        if (_handles.Remove(process.Id, out var former))
            former.Dispose();
        _handles.Add(process.Id, handle);
        return true;
    }

    // Of the time to wait only the rest counts.
    internal FreePlan MakePlan(bool mayProbe, CancellationToken cancellationToken, TimeSpan waited = default) =>
        MakePlan(mayProbe, out _, cancellationToken, waited);

    private FreePlan MakePlan(bool mayProbe, out Snapshot snapshot, CancellationToken cancellationToken, TimeSpan waited = default)
    {
        // Beside a listener that settles the answer stand the connections that its end leaves.
        var query = Request.Query with { Verbose = true, MayProbe = mayProbe };
        var entry = _inquiry.Inspect(query, cancellationToken);
        snapshot = entry.Snapshot;
        return FreePlanner.Of(entry.Target, query.Options, snapshot, _rights with { Wait = _rights.Wait - waited });
    }

    private void MakePlan(CancellationToken cancellationToken)
    {
        var snapshot = ReadWithHandles(cancellationToken);
        if (Plan.Actions.FirstOrDefault(static action => action.Kind == FreeActionKind.UnlinkFile)?.Path is { } path)
        {
            _file = SocketFileEntry.Open(path);
            if (_file?.File.Inode != snapshot.UnixPath?.FileInode)
                Refuse("holder-changed", $"The file {path} was replaced while it was being inspected: run it again.");
        }
        foreach (var action in Plan.Actions)
        {
            if (action.Command is [var program, ..] && ExternalProgram.Find(program) is null)
                Refuse("no-program", $"{program} was not found on the PATH, and it is needed to {action.Text}.");
            else if (action.Kind == FreeActionKind.StopUnit)
                Plan = Plan with { Notes = [.. Plan.Notes, .. UnitNotes.Of(action, cancellationToken)] };
        }
    }

    /// <summary>The plan with a handle on each of its processes: looks again where one ended between the look and the handle.</summary>
    private Snapshot ReadWithHandles(CancellationToken cancellationToken)
    {
        for (var number = 1; ; number++)
        {
            Plan = MakePlan(Request.Query.MayProbe, out var snapshot, cancellationToken);
            if (Plan.Actions.Select(static action => action.Process).OfType<ProcessRecord>().FirstOrDefault(process => !TakeHandle(process))
                is not { } ended)
                return snapshot;
            ReleaseHandles();
            if (HolderHandle.Refusal() is var errno and not Errno.None)
            {
                Refuse("not-permitted", $"The system refuses what bindwise holds a process by (pidfd_open(): {errno}), and without that it "
                    + $"ends none: kill {ended.Id} does.");
                return snapshot;
            }
            if (number == Reads)
            {
                Refuse("holder-changed", $"Process {ended.Id} ended while it was being inspected: run it again.");
                return snapshot;
            }
        }
    }

    private bool TakeHandle(ProcessRecord process) =>
        _handles.ContainsKey(process.Id) || (HolderHandle.Open(process) is { } handle && _handles.TryAdd(process.Id, handle));

    private void ReleaseHandles()
    {
        foreach (var handle in _handles.Values)
            handle.Dispose();
        _handles.Clear();
    }

    private void Refuse(string reason, string text) => Plan = Plan with
    {
        Actions = [],
        Refusal = new FreeRefusal { Reason = reason, Text = text }
    };
}

/// <summary>What the service manager says would bring a unit back.</summary>
internal static class UnitNotes
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private const string Triggers = "TriggeredBy=";
    private const string Restart = "Restart=";

    /// <summary>Sentences; none where the manager does not answer.</summary>
    public static IEnumerable<string> Of(FreeAction action, CancellationToken cancellationToken)
    {
        string[] scope = action.Command.Contains("--user") ? ["--user"] : [];
        var service = action.Command[^1];
        var end = ExternalProgram.Run(["systemctl", .. scope, "show", "--property=TriggeredBy", "--property=Restart", "--", service],
            Patience, cancellationToken);
        if (end.ExitCode != 0)
            yield break;
        foreach (var line in end.Output.Split('\n'))
        {
            var units = line.StartsWith(Triggers, StringComparison.Ordinal)
                ? line[Triggers.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries) : [];
            foreach (var unit in units.Except(action.Command))
                yield return $"{unit} starts {service} again"
                    + $"{(unit.EndsWith(".socket", StringComparison.Ordinal) ? " with the next connection" : "")}; to keep it stopped, "
                    + $"stop that too (systemctl {string.Concat(scope.Select(static word => word + " "))}stop {unit}).";
            if (line.StartsWith(Restart, StringComparison.Ordinal) && line[Restart.Length..] is { Length: > 0 } policy && policy != "no")
                yield return $"{service} has Restart={policy}, which systemd does not apply after a stop by systemctl; a signal would have "
                    + "brought it back at once.";
        }
    }
}

/// <summary>A program of a service manager or a container engine, started with arguments and without a shell.</summary>
internal static class ExternalProgram
{
    /// <summary>The most that is read of what it writes, in characters.</summary>
    private const int MostCharacters = 16 * 1024;

    /// <summary>
    /// Its file, on the PATH. The framework's own search begins in the program's folder and the working directory, where others may have
    /// put a file of that name; so an entry that is no absolute path does not count.
    /// </summary>
    public static string? Find(string name)
    {
        foreach (var folder in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':'))
        {
            if (!folder.StartsWith('/'))
                continue;
            var path = Path.Combine(folder, name);
            if (File.Exists(path) && OperatingSystem.IsLinux()
                && (File.GetUnixFileMode(path) & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) != 0)
                return path;
        }
        return null;
    }

    /// <summary>One that takes longer than the limit goes on running, and counts as failed.</summary>
    public static ProgramEnd Run(IReadOnlyList<string> command, TimeSpan limit, CancellationToken cancellationToken)
    {
        if (Find(command[0]) is not { } path)
            return new ProgramEnd(null, "", $"{command[0]} was not found on the PATH");
        var start = new ProcessStartInfo(path, command.Skip(1))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true
        };
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limited.CancelAfter(limit);
        try
        {
            using var process = Process.Start(start)!;
            process.StandardInput.Close();
            var output = ReadAsync(process.StandardOutput, limited.Token);
            var errors = ReadAsync(process.StandardError, limited.Token);
            process.WaitForExitAsync(limited.Token).GetAwaiter().GetResult();
            return new ProgramEnd(process.ExitCode, output.GetAwaiter().GetResult(), FirstLine(errors.GetAwaiter().GetResult()));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new ProgramEnd(null, "", $"{command[0]} did not end within {limit.TotalSeconds:0} s");
        }
        catch (System.ComponentModel.Win32Exception exception)
        {
            return new ProgramEnd(null, "", $"{path} does not start: {exception.Message}");
        }
    }

    private static async Task<string> ReadAsync(StreamReader reader, CancellationToken cancellationToken)
    {
        var text = new StringBuilder();
        var buffer = new char[1024];
        // What is too much is read and left out, so that the program does not wait for a reader.
        for (int length; (length = await reader.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0;)
            text.Append(buffer, 0, Math.Min(length, MostCharacters - text.Length));
        return text.ToString();
    }

    private static string FirstLine(string text) => text.Split('\n', 2)[0].Trim();
}

/// <summary><paramref name="ExitCode"/> is null where it did not start, or not end; the error says why.</summary>
internal sealed record ProgramEnd(int? ExitCode, string Output, string Error);
