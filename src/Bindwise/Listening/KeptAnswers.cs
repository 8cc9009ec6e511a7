using System.Diagnostics.CodeAnalysis;
using Bindwise.Linux;
using Bindwise.Model.Diagnosing.Planning;

namespace Bindwise;

/// <summary>
/// The last answers about failures, so that a loop which fails a thousand times a second does not look at the system as often: exceptions
/// then come as fast as the socket's own errors. Which of an exhausted range's ports are whose is told as it was a second before, or ten
/// times as long before as the look takes; the next look is made beside the failures. What is in the way of
/// bind() is told again only while it is still there.
/// </summary>
internal sealed class KeptAnswers(TimeProvider time)
{
    /// <summary>Questions beyond these push the oldest out.</summary>
    private const int Most = 256;

    /// <summary>
    /// A loop that tries to bind is looked after so often a second before it gets an answer again: what changes between two tries is told.
    /// </summary>
    private const int LooksBeforeBindsShare = 4;

    /// <summary>Looks take one part in so many of the time.</summary>
    private const int ShareOfTime = 10;

    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<FailureQuestion, Kept> _kept = [];

    /// <summary>The answer to give again; null where the system has to be looked at.</summary>
    /// <param name="question">What failed.</param>
    /// <param name="isRenewed">It is old: the caller looks again, and nobody waits for that.</param>
    public FailureAnswer? Find(FailureQuestion question, out bool isRenewed)
    {
        isRenewed = false;
        FailureAnswer answer;
        lock (_lock)
        {
            if (!_kept.TryGetValue(question, out var kept))
                return null;
            var age = time.GetElapsedTime(kept.At);
            var fresh = FreshFor(kept);
            if (question.IsConnect)
            {
                if (age > 2 * fresh)
                    return null;
                if (age > fresh && !kept.IsBeingRenewed)
                    isRenewed = kept.IsBeingRenewed = true;
                return kept.Answer;
            }
            if (age > fresh || kept.Looks < LooksBeforeBindsShare)
                return null;
            answer = kept.Answer;
        }
        return IsStillThere(answer.Diagnosis) ? answer : null;
    }

    /// <param name="question">What failed.</param>
    /// <param name="answer">The answer.</param>
    /// <param name="cost">How long the look took.</param>
    public void Add(FailureQuestion question, FailureAnswer answer, TimeSpan cost)
    {
        var now = time.GetTimestamp();
        lock (_lock)
        {
            var isLoop = _kept.TryGetValue(question, out var last) && time.GetElapsedTime(last.Since) <= FreshFor(last);
            if (last is null && _kept.Count >= Most)
                _ = _kept.Remove(_kept.MinBy(static one => one.Value.At).Key);
            _kept[question] = new Kept(answer, now, cost) { Since = isLoop ? last!.Since : now, Looks = isLoop ? last!.Looks + 1 : 1 };
        }
    }

    private static TimeSpan FreshFor(Kept kept) => kept.Cost * ShareOfTime > Fresh ? kept.Cost * ShareOfTime : Fresh;

    // One exact question for a socket, which takes microseconds.
    private static bool IsStillThere([NotNullWhen(true)] Diagnosis? diagnosis)
    {
        if (!OperatingSystem.IsLinux() || diagnosis is null || FollowPlan.SocketToWatch(diagnosis) is not { } socket
            || !SocketWatch.IsCheap(socket))
            return false;
        using var watch = SocketWatch.TryOpen();
        return watch?.IsThere(socket) == true;
    }

    private sealed record Kept(FailureAnswer Answer, long At, TimeSpan Cost)
    {
        /// <summary>When the first of the looks was made that belong to one loop.</summary>
        public long Since { get; init; }

        public int Looks { get; init; }
        public bool IsBeingRenewed { get; set; }
    }
}
