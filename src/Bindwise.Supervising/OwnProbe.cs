using Bindwise.Linux.Deadlines;
using Bindwise.Supervising.Auditing;

namespace Bindwise.Supervising;

/// <summary>
/// What Bindwise itself tries, as <c>bindwise why</c> in a script that starts a server: it asks the kernel, whose own answer it is to get.
/// </summary>
internal static class OwnProbe
{
    /// <summary>
    /// The call comes from such a thread of this program's own file. Whoever takes the thread's name only goes unsupervised.
    /// </summary>
    internal static bool Makes(WaitingCall call) => call.Look(() => ThreadFile.Name(call.Thread) == BoundedRun.ThreadName
        && PathLook.IsSame(string.Create(CultureInfo.InvariantCulture, $"/proc/{call.Process}/exe"), OwnProgram.File));
}
