namespace Bindwise;

/// <summary>
/// What all exceptions of the Bindwise packages share, so that one filter catches them: <c>catch (Exception exception) when (exception is
/// IBindwiseException)</c>. Each keeps the base class that handlers of such failures know, as <see
/// cref="System.Net.Sockets.SocketException"/> for a failed bind().
/// </summary>
public interface IBindwiseException
{
    /// <summary>What failed, why, and what to do: sentences.</summary>
    string Message { get; }

    /// <summary>
    /// Why a port or path could not be had; null where that was not the failure, you asked for no explanation, or none was found.
    /// </summary>
    Diagnosis? Diagnosis => null;
}
