using System.Globalization;
using Bindwise.Model.Diagnosing;
using Bindwise.Model.Snapshots;
using Bindwise.Rendering.Processes;
using static System.FormattableString;

namespace Bindwise.Rendering.Text;

/// <summary>One process in one row: what it is, whose, since when, where, by whom it was started and what is odd about it.</summary>
internal sealed class ProcessLine(Diagnosis diagnosis, Detail detail)
{
    private const int CommandLimit = 160;
    private const int PathLimit = 200;
    private const int ParentsShown = 6;
    private const int ContainerIdShown = 12;

    private readonly Lineage parents = new(diagnosis.Processes);
    private readonly Moments moments = new(diagnosis.TakenAt);

    /// <summary>Describes an owner.</summary>
    /// <param name="owner">The owner.</param>
    /// <param name="ownerCount">How many processes hold the sockets: the role matters only among several.</param>
    public Paragraph Describe(Owner owner, int ownerCount)
    {
        var process = owner.Process;
        var text = new Paragraph();
        var limit = detail == Detail.Verbose ? 4 * CommandLimit : CommandLimit;
        if (CommandLineText.Of(process, limit) is { } command)
            text.Add(TextRole.Name, command, limit).Add("  ");
        text.Add(Invariant($"pid {process.Id}"));
        if (process.NamespacePid is { } inner)
            text.Add(Invariant($" (pid {inner} in its namespace)"));
        if (User(process) is { } user)
            text.AddFact(user);
        if (process.StartedAt is { } started)
            text.AddFact("since " + moments.Minute(started) + (moments.Ago(started) is { } ago ? $" ({ago})" : ""));
        if (process.WorkingDirectory is { } directory)
            text.AddFact("in ").Add(TextRole.Text, directory, PathLimit);
        if (process.Unit is { } unit)
            text.AddFact("unit ").Add(TextRole.Text, unit, PathLimit);
        if (process.Container is { } container)
            text.AddFact("container ").Add(TextRole.Text, container.Length > ContainerIdShown ? container[..ContainerIdShown] : container);
        AddOddities(text, owner, ownerCount);
        AddParents(text, process);
        return text;
    }

    private static string? User(ProcessRecord process) => process.UserName is { } name
        ? "user " + name
        : process.UserId is { } id ? Invariant($"uid {id}") : null;

    private void AddOddities(Paragraph text, Owner owner, int ownerCount)
    {
        var process = owner.Process;
        if (owner.Role == OwnerRole.Inherited)
            text.AddFact("inherited the descriptor");
        else if (owner.Role == OwnerRole.Creator && ownerCount > 1)
            text.AddFact("made the socket");
        foreach (var way in HoldingWays.Describe(owner))
            text.AddFact(way, TextRole.Warning);
        if (process.State == 't')
            text.AddFact("stopped by a debugger", TextRole.Warning);
        else if (ProcessStates.IsStopped(process))
            text.AddFact("stopped (Ctrl+Z)", TextRole.Warning);
        else if (ProcessStates.IsZombie(process))
            text.AddFact(process.LivingThreads > 0
                ? Invariant($"zombie leader, {Count(process.LivingThreads, "thread")} alive")
                : "zombie", TextRole.Warning);
        if (process.ExecutableDeleted)
        {
            text.AddFact("executable deleted", TextRole.Warning);
            if (process.Executable is { } executable)
                text.Add(" (").Add(TextRole.Text, executable, PathLimit).Add(")");
        }
        if (detail == Detail.Verbose && owner.Descriptors.Length > 0)
            text.AddFact("fd " + string.Join(' ', owner.Descriptors.Select(fd => fd.ToString(CultureInfo.InvariantCulture))));
    }

    private void AddParents(Paragraph text, ProcessRecord process)
    {
        var chain = parents.Of(process).ToList();
        for (var i = 0; i < Math.Min(chain.Count, ParentsShown); i++)
            text.Add(TextRole.Dim, i == 0 ? ", from " : " ← ")
                .Add(TextRole.Dim, Invariant($"{chain[i].Name}({chain[i].Id})"));
        if (chain.Count > ParentsShown)
            text.Add(TextRole.Dim, " ← …");
    }

    private static string Count(int count, string noun) =>
        Invariant($"{count} {noun}{(count == 1 ? "" : "s")}");
}
