using System.Globalization;
using Bindwise.Model.Diagnosing;
using Bindwise.Model.Diagnosing.Provenance;
using Bindwise.Model.Snapshots;
using Bindwise.Rendering.Processes;
using static System.FormattableString;

namespace Bindwise.Rendering.Text;

/// <summary>One process in one row: what it is, whose, since when, where, by whom it was started and what is odd about it.</summary>
internal sealed class ProcessLine(Diagnosis diagnosis)
{
    private const int CommandLimit = 640;
    private const int PathLimit = 200;
    private const int ParentsShown = 6;

    private readonly ProcessAncestry parents = new(diagnosis.Processes);
    private readonly Moments moments = new(diagnosis.TakenAt);

    /// <summary>What a person needs to recognise it, each fact once.</summary>
    public Paragraph Short(Owner owner)
    {
        var text = Start(owner.Process, ShortCommand.Of(owner.Process));
        AddUserAndStart(text, owner.Process);
        if (owner.Role == OwnerRole.Inherited)
            text.AddFact("inherited the socket");
        AddOddities(text, owner);
        if (owner.Process.ExecutableDeleted)
            text.AddFact("executable deleted", TextRole.Warning);
        if (ProjectPlace.Of(owner) is { } place)
            text.AddFact(place);
        // Last: it is a list itself.
        if (StartedFromLine.Short(owner, diagnosis.Summary) is { } origin)
            text.AddFact("from ").Add(origin);
        return text;
    }

    /// <summary>All that is known of it.</summary>
    /// <param name="owner">The owner.</param>
    /// <param name="ownerCount">How many processes hold the sockets: who made them matters only among several.</param>
    public Paragraph Full(Owner owner, int ownerCount)
    {
        var process = owner.Process;
        var text = Start(process, CommandLineLine.Of(process, CommandLimit));
        if (process.NamespacePid is { } inner)
            text.Add(Invariant($" (pid {inner} in its namespace)"));
        AddUserAndStart(text, process);
        if (process.WorkingDirectory is { } directory)
            text.AddFact("in ").Add(TextRole.Text, directory, PathLimit);
        if (process.Unit is { } unit)
            text.AddFact("unit ").Add(TextRole.Text, unit, PathLimit);
        if (process.Container is { } container)
            text.AddFact("container ").Add(ContainerRecord.ShortId(container));
        if (owner.Role == OwnerRole.Inherited)
            text.AddFact("inherited the socket");
        else if (owner.Role == OwnerRole.Creator && ownerCount > 1)
            text.AddFact("made the socket");
        AddOddities(text, owner);
        if (process.ExecutableDeleted)
        {
            text.AddFact("executable deleted", TextRole.Warning);
            if (process.Executable is { } executable)
                text.Add(" (").Add(TextRole.Text, executable, PathLimit).Add(")");
        }
        if (owner.Descriptors.Length > 0)
            text.AddFact("fd " + string.Join(' ', owner.Descriptors.Select(fd => fd.ToString(CultureInfo.InvariantCulture))));
        AddParents(text, process);
        return text;
    }

    private static Paragraph Start(ProcessRecord process, string? command)
    {
        var text = new Paragraph();
        if (command is not null)
            text.Add(TextRole.Name, command, CommandLimit).Add("  ");
        return text.Add(Invariant($"pid {process.Id}"));
    }

    private void AddUserAndStart(Paragraph text, ProcessRecord process)
    {
        if (process.UserName is { } name)
            text.AddFact("user " + name);
        else if (process.UserId is { } id)
            text.AddFact(Invariant($"uid {id}"));
        if (process.StartedAt is { } started)
            text.AddFact("since " + moments.Minute(started) + (moments.Ago(started) is { } ago ? $" ({ago})" : ""));
    }

    private static void AddOddities(Paragraph text, Owner owner)
    {
        var process = owner.Process;
        foreach (var way in HoldingWays.Describe(owner))
            text.AddFact(way, TextRole.Warning);
        if (process.Freeze is not null)
            text.AddFact("frozen", TextRole.Warning);
        if (process.State == 't')
            text.AddFact("stopped by a debugger", TextRole.Warning);
        else if (ProcessStates.IsStopped(process))
            text.AddFact("suspended (Ctrl+Z)", TextRole.Warning);
        else if (ProcessStates.IsZombie(process))
            text.AddFact(process.LivingThreads > 0
                ? Invariant($"a zombie with {process.LivingThreads} {(process.LivingThreads == 1 ? "thread" : "threads")} still running")
                : "a zombie", TextRole.Warning);
    }

    private void AddParents(Paragraph text, ProcessRecord process)
    {
        var chain = parents.Of(process);
        for (var i = 0; i < Math.Min(chain.Count, ParentsShown); i++)
            text.Add(TextRole.Dim, i == 0 ? ", from " : " ← ")
                .Add(TextRole.Dim, Invariant($"{chain[i].Name}({chain[i].Id})"));
        if (chain.Count > ParentsShown)
            text.Add(TextRole.Dim, " ← …");
    }
}
