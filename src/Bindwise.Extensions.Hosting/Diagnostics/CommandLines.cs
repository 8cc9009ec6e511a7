namespace Bindwise.Extensions.Hosting;

/// <summary>The command line of a holder, as much of it as the options allow; secrets in it are masked.</summary>
internal static class CommandLines
{
    private const int ShortLength = 80;
    private const int FullLength = 4096;

    public static string? Of(Diagnosis? diagnosis, CommandLineDetail detail) =>
        detail == CommandLineDetail.Off || HolderName.First(diagnosis) is not { Arguments: { IsDefaultOrEmpty: false } arguments } ? null
        : Escaper.Escape(string.Join(' ', arguments), detail == CommandLineDetail.Short ? ShortLength : FullLength);
}

/// <summary>How much of another process's command line a log gets: it may say more than the reader of the log is meant to know.</summary>
public enum CommandLineDetail
{
    /// <summary>Nothing but the name of the program.</summary>
    Off,

    /// <summary>The first 80 characters.</summary>
    Short,

    /// <summary>All of it, up to 4,096 characters.</summary>
    Full,
}
