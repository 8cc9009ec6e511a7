namespace Bindwise.Model.Targets;

/// <summary>What a program makes its sockets with, where that is known without a look at the program.</summary>
internal enum SocketApi : byte
{
    Unknown,

    DotNet,

    Bindwise,
}
