using Bindwise.Linux.Native;

namespace Bindwise.Linux.Terminals;

/// <summary>Descriptors 0, 1 and 2, which a caller may have closed.</summary>
public static class StandardDescriptors
{
    private const int Last = 2;

    /// <summary>
    /// Occupies those that are closed, read-only, so that writing into them still fails. Else the next socket or pipe would get
    /// such a number, and answers would be written into it: into the runtime's own signal pipe, for one, whose reader raises them.
    /// </summary>
    public static void Occupy()
    {
        while (OpenAt.Open(OpenAt.WorkingDirectory, "/dev/null\0"u8, out var descriptor) == Errno.None)
        {
            if (descriptor <= Last)
                continue;
            CloseDescriptor.Close(descriptor);
            return;
        }
    }
}
