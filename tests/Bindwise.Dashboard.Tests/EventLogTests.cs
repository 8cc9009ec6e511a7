using Bindwise.Dashboard.Watching;

namespace Bindwise.Dashboard.Tests;

/// <summary>The events that the server keeps: no more than a number, and no more than a size.</summary>
public sealed class EventLogTests
{
    [Theory]
    [InlineData(100, EventLog.Kept)]
    [InlineData(100_000, 200)]
    [InlineData(1_000_000, 20)]
    [Trait("Lane", "second")]
    public void Events_HoweverLarge_AreKeptWithinABound(int length, int most)
    {
        var log = new EventLog();
        for (var count = 0; count < most + 100; count++)
            log.Add(new PortEvent { Time = DateTimeOffset.UnixEpoch, Kind = PortEventKind.BindFailed, ProcessId = count, Summary = new string('x', length) });
        long? place = null;
        var kept = log.Read(ref place, EventLog.Kept, out _);
        Assert.InRange(kept.Sum(static frame => (long)frame.Length), 1, EventLog.MostBytes + 1024);
        // After the word that some are lost.
        Assert.InRange(kept.Count - 1, 1, most);
        Assert.Equal(log.End, place);
    }
}
