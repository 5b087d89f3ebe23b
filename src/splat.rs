//! One value in every lane of a vector. (`wide`'s functions for that go through arrays, which a compiler that is to write
//! little code fills in a loop.)

use bytemuck::cast;

#[inline(always)]
pub fn f32x4(value: f32) -> wide::f32x4 {
    cast([value, value, value, value])
}

#[inline(always)]
pub fn f32x8(value: f32) -> wide::f32x8 {
    cast([f32x4(value), f32x4(value)])
}

#[inline(always)]
pub fn i32x4(value: i32) -> wide::i32x4 {
    cast([value, value, value, value])
}

#[inline(always)]
pub fn u8x16(value: u8) -> wide::u8x16 {
    cast(i32x4(i32::from_ne_bytes([value, value, value, value])))
}
