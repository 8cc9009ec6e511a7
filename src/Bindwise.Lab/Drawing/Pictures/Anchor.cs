namespace Bindwise.Lab.Drawing.Pictures;

/// <summary>Which part of a text stands exactly in its cells.</summary>
internal enum Anchor : byte
{
    /// <summary>The beginning: the text grows to the right.</summary>
    Start,

    /// <summary>The middle: the text grows to both sides.</summary>
    Middle,

    /// <summary>The end: the text grows to the left.</summary>
    End,
}
