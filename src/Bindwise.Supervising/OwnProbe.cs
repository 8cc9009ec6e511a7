using Bindwise.Linux.Deadlines;

namespace Bindwise.Supervising;

/// <summary>
/// What Bindwise itself tries, as <c>bindwise why</c> in a script that starts a server: it asks the kernel, whose own answer it is to get.
/// </summary>
internal static class OwnProbe
{
    private const string Serving = "serve";

    /// <summary>
    /// The call comes from this program's own file, and not from its server; of the runtime's file, which is any .NET program's, from such
    /// a thread. Whoever takes the thread's name only goes unsupervised.
    /// </summary>
    internal static bool Makes(WaitingCall call) => call.Inspect(() =>
        ProcessPaths.IsSame(string.Create(CultureInfo.InvariantCulture, $"/proc/{call.Process}/exe"), OwnProgram.File)
        && (OwnProgram.IsRuntime ? ThreadFile.Name(call.Thread) == BoundedRun.ThreadName : VerbOf(call.Process) != Serving));

    private static string VerbOf(int process)
    {
        var words = Encoding.UTF8.GetString(ThreadFile.Read(process, "cmdline"u8)).Split('\0');
        return words.Length > 1 ? words[1] : "";
    }
}
