namespace Bindwise.Lab.Drawing.Pictures;

/// <summary>Which colours a picture file has.</summary>
public enum SvgTheme : byte
{
    /// <summary>Those that the reader prefers: light ones, or dark ones where the browser says so.</summary>
    Automatic,

    /// <summary>Dark text on a light ground.</summary>
    Light,

    /// <summary>Light text on a dark ground.</summary>
    Dark,
}
