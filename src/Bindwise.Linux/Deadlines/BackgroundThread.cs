namespace Bindwise.Linux.Deadlines;

/// <summary>A thread that does not keep the process, where the process gets one more.</summary>
internal static class BackgroundThread
{
    /// <param name="name">What it is called, for people who look at the process.</param>
    /// <param name="work">Throws nothing: that would end the process.</param>
    /// <returns>False when this process gets no further thread.</returns>
    internal static bool TryStart(string name, int stackBytes, Action work)
    {
        try
        {
            new Thread(work.Invoke, stackBytes) { IsBackground = true, Name = name }.UnsafeStart();
            return true;
        }
        catch (Exception exception) when (exception is OutOfMemoryException or ThreadStartException)
        {
            return false;
        }
    }
}
