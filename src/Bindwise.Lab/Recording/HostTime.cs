using System.Diagnostics;
using Bindwise.Model.Scenarios;
using Bindwise.Model.Scenarios.Recording;

namespace Bindwise.Lab.Recording;

/// <summary>How time passes on a host: at once on the model; really on the kernel, where others may play meanwhile.</summary>
internal abstract class HostTime
{
    /// <summary>Time passes by itself.</summary>
    internal abstract bool IsReal { get; }

    /// <summary>What the last wait gave where the host is asked to let time pass; null for nothing to say.</summary>
    internal StepResult? Last { get; private protected set; }

    /// <summary>The play ends here rather than wait so long.</summary>
    internal abstract bool Ends(TimeSpan span);

    /// <summary>Lets time pass.</summary>
    /// <param name="host">The host.</param>
    /// <param name="span">How long.</param>
    /// <param name="look">Looks at the host now and then; gets how much has passed.</param>
    internal abstract void Pass(IRecordingHost host, TimeSpan span, Func<TimeSpan, PlayProgress> look);

    /// <summary>On virtual time.</summary>
    internal sealed class Virtual : HostTime
    {
        /// <inheritdoc/>
        internal override bool IsReal => false;

        /// <inheritdoc/>
        internal override bool Ends(TimeSpan span) => false;

        /// <inheritdoc/>
        internal override void Pass(IRecordingHost host, TimeSpan span, Func<TimeSpan, PlayProgress> look) =>
            Last = host.Play(new WaitStep((decimal)span.Ticks / TimeSpan.TicksPerSecond));
    }

    /// <summary>In real time.</summary>
    /// <param name="options">Whether long waits end the play.</param>
    /// <param name="turns">Who may play at the same moment: given up while nothing is played.</param>
    /// <param name="progress">Told of waits; null for nobody.</param>
    /// <param name="cancellation">Ends a wait early.</param>
    internal sealed class Real(RecordingOptions options, SemaphoreSlim turns, Action<PlayProgress>? progress, CancellationToken cancellation) : HostTime
    {
        /// <summary>How often the host is looked at, so that what ends by itself is seen to end.</summary>
        private static readonly TimeSpan Slice = TimeSpan.FromMilliseconds(200);

        /// <summary>How often when something is about to end.</summary>
        private static readonly TimeSpan ShortSlice = TimeSpan.FromMilliseconds(10);

        private const double SoonSeconds = 0.25;

        /// <inheritdoc/>
        internal override bool IsReal => true;

        /// <inheritdoc/>
        internal override bool Ends(TimeSpan span) => options.IsFast && span > RecordingOptions.FastWait;

        /// <inheritdoc/>
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
                        cancellation.WaitHandle.WaitOne(TimeSpan.FromMilliseconds(Math.Ceiling((left < slice ? left : slice).TotalMilliseconds)));
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
}
