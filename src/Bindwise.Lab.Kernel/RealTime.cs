using System.Diagnostics;
using Bindwise.Lab.Recording;
using Bindwise.Model.Scenarios.Recording;

namespace Bindwise.Lab.Kernel;

/// <param name="options">Whether long waits end the play.</param>
/// <param name="turns">Who may play at the same moment: given up while nothing is played.</param>
/// <param name="progress">Told of waits; null for nobody.</param>
/// <param name="cancellation">Ends a wait early.</param>
internal sealed class RealTime(RecordingOptions options, SemaphoreSlim turns, Action<PlayProgress>? progress,
    CancellationToken cancellation) : HostTime
{
    /// <summary>How often the host is looked at, so that what ends by itself is seen to end.</summary>
    private static readonly TimeSpan Slice = TimeSpan.FromMilliseconds(200);

    /// <summary>How often when something is about to end.</summary>
    private static readonly TimeSpan ShortSlice = TimeSpan.FromMilliseconds(10);

    private const double SoonSeconds = 0.25;

    internal override bool IsReal => true;

    internal override bool Ends(TimeSpan span) => options.IsFast && span > RecordingOptions.FastWait;

    internal override void Pass(IRecordingHost host, TimeSpan span, Func<TimeSpan, PlayProgress> look)
    {
        var clock = Stopwatch.StartNew();
        turns.Release();
        try
        {
            var slice = Slice;
            // Its end is looked at, and told, in any case.
            for (var waited = TimeSpan.Zero; waited < span;)
            {
                var left = span - clock.Elapsed;
                if (left > TimeSpan.Zero)
                    cancellation.WaitHandle.WaitOne(
                        TimeSpan.FromMilliseconds(Math.Ceiling((left < slice ? left : slice).TotalMilliseconds)));
                cancellation.ThrowIfCancellationRequested();
                waited = clock.Elapsed;
                if (waited > span)
                    waited = span;
                var moment = look(waited);
                progress?.Invoke(moment);
                slice = moment.Sockets.Any(static row => row.SecondsLeft < SoonSeconds) ? ShortSlice : Slice;
            }
        }
        finally
        {
            turns.Wait(CancellationToken.None);
        }
    }
}
