namespace Bindwise.Cli.CommandLine;

/// <summary>A command line that cannot be understood: one line that says what to type.</summary>
internal sealed class UsageException(string message) : Exception(message);
