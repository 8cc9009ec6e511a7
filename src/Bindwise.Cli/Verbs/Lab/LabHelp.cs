namespace Bindwise.Cli.Verbs.Lab;

/// <summary>What several help pages of <c>lab</c> say.</summary>
internal static class LabHelp
{
    public const string OnTheKernel =
        "On the kernel each scenario runs in a network namespace of its own, so it meets none of this system's sockets and leaves none "
            + "behind. "
        + "That needs root or a user namespace; bindwise starts itself again in one where it may. There a \"wait\" takes its time while "
            + "other scenarios go on; on the model it takes none.";

    public static readonly (ExitCode Code, string Meaning)[] PlayCodes =
    [
        (ExitCode.Success, "model and kernel agree, and every expectation was met"),
        (ExitCode.Negative, "they differ, or an expectation was not met"),
        (ExitCode.Error, "wrong usage, a scenario with a mistake (the others are still played), or the kernel cannot be used"),
        (ExitCode.Interrupted, "interrupted"),
    ];
}
