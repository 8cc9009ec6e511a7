using Bindwise.Cli.Output;
using Bindwise.Lab.Playing;

namespace Bindwise.Cli.Verbs.Lab;

/// <summary>
/// Says on standard error, before a silence, how long a play will wait, and how to have it at once. Once for the first that waits, since
/// those that wait do so at the same time; and again for one that waits much longer than any before.
/// </summary>
/// <param name="errors">Where to say it.</param>
/// <param name="isForProgram">A program reads the answers: only of waits that it could take for a fault.</param>
internal sealed class WaitNotice(ErrorLines errors, bool isForProgram)
{
    // Shorter waits need no notice.
    private const decimal NoticeableSeconds = 2;
    private const decimal LongSeconds = 600;
    private const decimal MuchLonger = 2;

    private decimal announced;

    /// <summary>Says it, if it is worth saying.</summary>
    /// <param name="who">What waits, as the beginning of a line.</param>
    /// <param name="waits">How long.</param>
    public void Announce(string who, ScenarioWaits waits)
    {
        var isWorth = announced == 0
            ? waits.MostSeconds >= (isForProgram ? LongSeconds : NoticeableSeconds)
            : waits.MostSeconds >= LongSeconds && waits.MostSeconds >= announced * MuchLonger;
        if (!isWorth)
            return;
        announced = waits.MostSeconds;
        errors.Write($"{who}: it waits {waits} on the kernel (--on model does not wait)");
    }
}
