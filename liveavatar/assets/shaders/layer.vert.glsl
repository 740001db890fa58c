// Moves a layer's texture: a mesh with a vertex in the middle of each cell of the layer's motion, and a ring round it that
// reaches to the texture's edges and moves as the outermost cells do. GLSL 3.30 core and 3.00 es: core.glsl
// or es.glsl goes before it. The motion is the sum of MODES modes, a multiple of 4.
//
// No attributes: vertex gl_VertexID is column + row * (u_cells.x + 2), the ring included; triangles() in mesh.py gives the indices.
// Places count avatar pixels from the canvas's top left corner, so the middle of the first pixel is (0.5, 0.5).

uniform int u_layer;        // which one, the lowest first
uniform ivec2 u_cells;      // of a layer's motion, across and down
uniform vec4 u_span;        // left, top, width, height of the part of the canvas with cells
uniform vec4 u_reach;       // left, top, right, bottom of the mesh
uniform vec3 u_texture;     // left and top of the texture with its border of one texel, on the canvas; texels a pixel
uniform vec2 u_size;        // of the canvas; it fills the viewport
uniform vec3 u_placement;   // zoom, and the shift before it in avatar pixels (renderers/placement.py)
uniform float u_up;         // 1: the picture's first row becomes the frame buffer's last, as a page shows it; -1: first, to be read
uniform highp sampler2DArray u_modes;   // plane u_layer * MODES / 2 + j: across, down of mode 2 j, and of 2 j + 1, in cells
uniform vec4 u_amounts[MODES / 4];      // how far each of this layer's modes goes

out vec2 v_texel;           // on the texture, from its corner

vec2 motion(ivec2 cell) {
  vec2 sum = vec2(0.0);
  for (int j = 0; j < MODES / 4; ++j) {
    vec4 first = texelFetch(u_modes, ivec3(cell, u_layer * (MODES / 2) + 2 * j), 0);
    vec4 second = texelFetch(u_modes, ivec3(cell, u_layer * (MODES / 2) + 2 * j + 1), 0);
    vec4 amounts = u_amounts[j];
    sum += first.xy * amounts.x + first.zw * amounts.y + second.xy * amounts.z + second.zw * amounts.w;
  }
  return sum;
}

void main() {
  ivec2 at = ivec2(gl_VertexID % (u_cells.x + 2), gl_VertexID / (u_cells.x + 2)) - 1;
  ivec2 cell = clamp(at, ivec2(0), u_cells - 1);
  vec2 pixels = u_span.zw / vec2(u_cells);
  vec2 place = u_span.xy + (vec2(at) + 0.5) * pixels;
  if (at.x < 0) place.x = u_reach.x;
  if (at.y < 0) place.y = u_reach.y;
  if (at.x == u_cells.x) place.x = u_reach.z;
  if (at.y == u_cells.y) place.y = u_reach.w;

  v_texel = (place - u_texture.xy) * u_texture.z;
  vec2 moved = place + motion(cell) * pixels;
  vec2 shown = (moved + u_placement.yz) * u_placement.x;
  vec2 clip = shown / u_size * 2.0 - 1.0;
  gl_Position = vec4(clip.x, -u_up * clip.y, 0.0, 1.0);
}
