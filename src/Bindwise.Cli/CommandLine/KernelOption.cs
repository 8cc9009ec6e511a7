using System.CommandLine;

namespace Bindwise.Cli.CommandLine;

/// <summary><c>--kernel</c>: by which release of Linux the rules decide.</summary>
internal sealed class KernelOption : ValueOption
{
    /// <summary>Defines it.</summary>
    /// <param name="meaning">What it changes, and what holds without it.</param>
    public KernelOption(string meaning)
        : base("--kernel", "RELEASE", meaning) => Offering(KernelRelease.Played.Select(static release => release.ToString()));

    /// <summary>The release that was given; null for none, or with a fault.</summary>
    /// <param name="parsed">What was parsed.</param>
    /// <param name="fault">What is wrong with it; null for nothing.</param>
    public KernelRelease? Read(ParseResult parsed, out string? fault)
    {
        fault = null;
        if (parsed.GetValue(this) is not { } text)
            return null;
        if (!KernelRelease.TryParse(text, out var release))
        {
            fault = $"--kernel {text} is no release of Linux: give two numbers, as {KernelRelease.Documented}";
            return null;
        }
        if (release >= KernelRelease.Oldest)
            return release;
        fault = $"--kernel {text}: the rules of Linux before {KernelRelease.Oldest} are not known";
        return null;
    }
}
