using HeldAddress = (int ProcessId, Bindwise.Diagnostics.Protocol? Protocol, string? Address);

namespace Bindwise.Recording.History;

/// <summary>
/// Which processes held what of a program, by the events that say who took it. When it is released, the process and its command line have
/// most often ended, and the kernel's name of a script is its interpreter's. Who takes it over counts too, until it is released.
/// </summary>
internal sealed class ProgramHolders
{
    // A process's number comes again: from each place on it is of the program, or no longer.
    private readonly Dictionary<HeldAddress, List<(RecordPlace From, bool IsOfProgram)>> _holders = [];

    /// <summary>Takes whether who holds something after an event is of the program.</summary>
    public void Add(PortEvent happened, RecordPlace place, bool isOfProgram)
    {
        HeldAddress holder = (happened.ProcessId, happened.Protocol, happened.Address);
        if (IsOfProgram(holder, place) == isOfProgram)
            return;
        if (!_holders.TryGetValue(holder, out var changes))
            _holders[holder] = changes = [];
        changes.Add((place, isOfProgram));
    }

    /// <summary>Whether what an event is about was the program's before it.</summary>
    public bool Has(PortEvent happened, RecordPlace place) =>
        IsOfProgram((happened.PreviousProcessId ?? happened.ProcessId, happened.Protocol, happened.Address), place);

    private bool IsOfProgram(in HeldAddress holder, RecordPlace place) => _holders.TryGetValue(holder, out var changes)
        && changes.Where(one => RecordPlace.Order.Compare(one.From, place) < 0).DefaultIfEmpty()
            .MaxBy(static one => one.From, RecordPlace.Order).IsOfProgram;
}
