using System.CommandLine;
using Bindwise.Lab.Playing;

namespace Bindwise.Cli.CommandLine;

/// <summary><c>--kernel</c>: by which release of Linux the rules decide.</summary>
internal sealed class KernelOption : ValueOption
{
    /// <param name="meaning">What it changes, and what holds without it.</param>
    public KernelOption(string meaning)
        : base("--kernel", "RELEASE", meaning) => Offering(KernelRelease.Played.Select(static release => release.ToString()));

    /// <summary>The release that was given; null for none, or with a fault.</summary>
    public KernelRelease? Read(ParseResult parsed, out string? fault)
    {
        fault = null;
        return parsed.GetValue(this) is { } text ? ChosenRules.Kernel(text, out fault) : null;
    }
}
