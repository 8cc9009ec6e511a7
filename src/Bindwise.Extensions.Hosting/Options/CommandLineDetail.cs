namespace Bindwise.Extensions.Hosting;

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
