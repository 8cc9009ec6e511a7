using Bindwise.Rendering.Json;

namespace Bindwise.Recording.Census;

/// <summary>
/// The last census that is whole, from the lines of a record in their order. Where a line of a census is damaged or missing, what it said
/// is not known, and so is what later ones mean by "the same", until there is another that is whole.
/// </summary>
internal sealed class GatheredCensus
{
    /// <summary>More is no census of ours: a look keeps fewer.</summary>
    private const int MostSockets = 100_000;

    private readonly ImmutableArray<CensusRow>.Builder _rows = ImmutableArray.CreateBuilder<CensusRow>();
    private DateTimeOffset _time;
    private int _parts;
    private bool _isCurrent;

    /// <summary>What it says; null as long as there is none.</summary>
    public CensusFacts? Facts { get; private set; }

    /// <summary>When it was taken, or the last one that is the same.</summary>
    public DateTimeOffset Taken { get; private set; }

    /// <summary>Takes a line.</summary>
    /// <param name="line">The line; null for one that is damaged.</param>
    /// <returns>There is a later census now.</returns>
    public bool Take(RecordedCensus? line)
    {
        if (line is { Facts: null })
        {
            if (_isCurrent)
                Taken = line.Time;
            return _isCurrent;
        }
        _isCurrent = false;
        if (line is not { Facts: { } facts } || !GoesOn(line) || _rows.Count + facts.Sockets.Length > MostSockets)
        {
            _parts = 0;
            return false;
        }
        _rows.AddRange(facts.Sockets);
        (_time, _parts) = (line.Time, line.Part);
        if (line.HasMore)
            return false;
        (Facts, Taken, _isCurrent, _parts) = (facts with { Sockets = _rows.ToImmutable() }, line.Time, true, 0);
        return true;
    }

    private bool GoesOn(RecordedCensus line)
    {
        if (line.Part > 1)
            return _parts > 0 && line.Part == _parts + 1 && line.Time == _time;
        _rows.Clear();
        return true;
    }
}
