namespace Bindwise.Extensions.Hosting;

/// <summary>
/// Whether an option has a value that its type names: code may cast any number to it. (Enum.IsDefined
/// is compiled anew for each type at each start.)
/// </summary>
internal static class DefinedValues
{
    internal static bool IsDefined(this CommandLineDetail detail) => detail is >= CommandLineDetail.Off and <= CommandLineDetail.Full;

    internal static bool IsDefined(this SocketActivationMode mode) =>
        mode is >= SocketActivationMode.Off and <= SocketActivationMode.InsteadOfUrls;

    internal static bool IsDefined(this ListenPidMismatch mismatch) =>
        mismatch is >= ListenPidMismatch.Refuse and <= ListenPidMismatch.Ignore;
}
