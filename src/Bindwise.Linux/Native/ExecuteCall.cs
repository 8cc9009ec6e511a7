using System.Runtime.InteropServices;
using System.Text;

namespace Bindwise.Linux.Native;

/// <summary>execve(2): another program takes this process over, with its number, its terminal and its standard streams.</summary>
internal static partial class ExecuteCall
{
    /// <summary>Returns only where the kernel refuses.</summary>
    /// <param name="path">The program's file.</param>
    /// <param name="arguments">Its arguments, its name first.</param>
    /// <param name="environment">Its environment: <c>NAME=value</c> each, as bytes, since it need not be UTF-8.</param>
    internal static unsafe Errno Execute(string path, IReadOnlyList<string> arguments, IReadOnlyList<byte[]> environment)
    {
        var words = new byte[arguments.Count][];
        for (var index = 0; index < words.Length; index++)
            words[index] = Encoding.UTF8.GetBytes(arguments[index]);
        using var argumentList = new PointerList(words);
        using var environmentList = new PointerList(environment);
        using var file = new PointerList([Encoding.UTF8.GetBytes(path)]);
        _ = ExecuteCore(file.First, argumentList.Start, environmentList.Start);
        return (Errno)Marshal.GetLastPInvokeError();
    }

    [LibraryImport("libc", EntryPoint = "execve", SetLastError = true)]
    private static unsafe partial int ExecuteCore(byte* path, byte** arguments, byte** environment);

    /// <summary>A list of texts as C has it: pointers, the last one null.</summary>
    private readonly unsafe ref struct PointerList
    {
        private readonly int _count;

        internal PointerList(IReadOnlyList<byte[]> texts)
        {
            _count = texts.Count;
            Start = (byte**)NativeMemory.AllocZeroed((nuint)_count + 1, (nuint)sizeof(byte*));
            for (var index = 0; index < _count; index++)
            {
                Start[index] = (byte*)NativeMemory.AllocZeroed((nuint)texts[index].Length + 1);
                texts[index].CopyTo(new Span<byte>(Start[index], texts[index].Length));
            }
        }

        internal byte** Start { get; }

        internal byte* First => Start[0];

        public void Dispose()
        {
            for (var index = 0; index < _count; index++)
                NativeMemory.Free(Start[index]);
            NativeMemory.Free(Start);
        }
    }
}
