using System.Runtime.InteropServices;

namespace Bindwise.Linux.Native;

/// <summary>struct genlmsghdr (linux/genetlink.h).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct GenericMessage
{
    internal byte Command;
    internal byte Version;
    internal ushort Reserved;

    internal const int SizeBytes = 4;

    /// <summary>GENL_ID_CTRL: the family that tells of the others.</summary>
    internal const ushort ControlFamily = 16;

    /// <summary>CTRL_CMD_GETFAMILY.</summary>
    internal const byte GetFamily = 3;

    /// <summary>CTRL_ATTR_FAMILY_ID.</summary>
    internal const ushort AttributeFamilyId = 1;

    /// <summary>CTRL_ATTR_FAMILY_NAME.</summary>
    internal const ushort AttributeFamilyName = 2;
}
