namespace Bindwise.Cli;

/// <summary><c>bindwise 8080</c> means <c>bindwise why 8080</c>.</summary>
internal static class VerbInsertion
{
    private static readonly string[] RootOptions = ["--help", "-h", "-?", "--version"];

    /// <summary>
    /// The arguments with the verb in front where none was given. A verb wins over a service of that name
    /// (<c>bindwise why NAME</c> always works); help and version asked for alone are the program's own.
    /// </summary>
    public static string[] Apply(string[] arguments, IReadOnlyCollection<string> verbs) =>
        arguments is [var first, ..] && verbs.Contains(first) || arguments is [var only] && RootOptions.Contains(only)
            ? arguments
            : [Verbs.WhyCommand.Name, .. arguments];
}
