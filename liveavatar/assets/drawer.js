"use strict";
// Draws an avatar's frames with WebGL2: each layer's texture on a mesh, moved by a frame's coefficients, which say what patches show
// too. What it is told comes from outputs/page_messages.py, how it is drawn stands in avatar/mesh.py, and the shaders explain
// their uniforms.
const DENSE = 1.6;        // texels a pixel: where there are fewer, none is skipped
const MOST = 256;         // pictures of a patch, as in patch.frag.glsl

class Drawer {
  constructor(gl) {
    this.gl = gl;
    this.made = [];
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    gl.bindVertexArray(gl.createVertexArray());
    this.indices = gl.createBuffer();
    this.frameBuffer = gl.createFramebuffer();
    this.layers = null;  // until load()
  }

  load(head, data, at) {  // raises where this GPU cannot
    const gl = this.gl;
    this.made.forEach((texture) => gl.deleteTexture(texture));
    this.made = [];
    Object.assign(this, { layers: head.layers, patches: head.patches, cells: head.cells, size: head.size, detail: head.detail });
    this.modes = head.modes;  // of a layer
    this.coefficients = head.layers.length * head.modes + head.patches.reduce((sum, patch) => sum + patch.count, 0);  // of a frame
    const fits = (what, sides) => sides.every((side) => side <= gl.getParameter(what));
    if (!fits(gl.MAX_ARRAY_TEXTURE_LAYERS, [head.planes]) || head.patches.some((patch) => patch.count > MOST)
        || !fits(gl.MAX_TEXTURE_SIZE, head.layers.flatMap((layer) => layer.pixels))) {
      throw new Error("too large for this GPU");
    }
    if (this.shaders !== JSON.stringify(head.shaders)) {  // compiling takes long; another avatar has the same ones
      this.programs = Object.fromEntries(Object.entries(head.shaders).map(([name, sources]) => [name, this.program(...sources)]));
      this.shaders = JSON.stringify(head.shaders);
    }
    const next = (kind, count) => {  // numbers of the message, in its order
      const taken = new kind(data, at, count);
      at += taken.byteLength;
      return taken;
    };
    this.index = head.width === 2 ? gl.UNSIGNED_SHORT : gl.UNSIGNED_INT;
    gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, this.indices);
    gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, next(Uint8Array, head.indices), gl.STATIC_DRAW);
    const [columns, rows] = head.cells;
    this.planes = this.texture(gl.TEXTURE_2D_ARRAY, gl.RGBA16F, gl.NEAREST, columns, rows, head.planes);
    gl.texSubImage3D(gl.TEXTURE_2D_ARRAY, 0, 0, 0, 0, columns, rows, head.planes, gl.RGBA, gl.HALF_FLOAT,
      next(Uint16Array, 4 * columns * rows * head.planes));
    for (const layer of this.layers) {
      const [width, height] = layer.pixels, inner = [width - 2 * head.border, height - 2 * head.border];
      layer.texels = this.texture(gl.TEXTURE_2D, gl.RGBA8, gl.LINEAR, width, height);
      gl.texSubImage2D(gl.TEXTURE_2D, 0, head.border, head.border, ...inner, gl.RGBA, gl.UNSIGNED_BYTE, next(Uint8Array, 4 * inner[0] * inner[1]));
    }
    for (const patch of this.patches) this.prepare(patch, next);
    if (gl.getError() !== gl.NO_ERROR) throw new Error("textures refused");
  }

  prepare(patch, next) {  // its dictionary; what comes of texels that vary is spread over all
    const gl = this.gl, [width, height] = patch.size, low = next(Uint32Array, width * height), high = next(Uint32Array, width * height);
    const varying = low.reduce((found, texel, i) => { if (texel !== high[i]) found.push(i); return found; }, []);
    patch.bounds = this.texture(gl.TEXTURE_2D_ARRAY, gl.RGBA8, gl.NEAREST, width, height, 2);
    [low, high].forEach((texels, k) => gl.texSubImage3D(
      gl.TEXTURE_2D_ARRAY, 0, 0, 0, k, width, height, 1, gl.RGBA, gl.UNSIGNED_BYTE, new Uint8Array(texels.buffer, texels.byteOffset, texels.byteLength)));
    const mean = new Uint32Array(2 * width * height), told = next(Uint32Array, 2 * varying.length);  // two halves each
    varying.forEach((to, from) => [mean[2 * to], mean[2 * to + 1]] = [told[2 * from], told[2 * from + 1]]);
    patch.mean = this.texture(gl.TEXTURE_2D, gl.RGBA16F, gl.NEAREST, width, height);
    gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, 0, width, height, gl.RGBA, gl.HALF_FLOAT, new Uint16Array(mean.buffer));
    const whole = new Int32Array(width * height), bytes = new Int8Array(whole.buffer);  // four bytes a texel
    patch.pictures = this.texture(gl.TEXTURE_2D_ARRAY, gl.RGBA8I, gl.NEAREST, width, height, patch.count);
    for (let k = 0; k < patch.count; k++) {
      const picture = next(Int32Array, varying.length);
      for (let i = 0; i < varying.length; i++) whole[varying[i]] = picture[i];
      gl.texSubImage3D(gl.TEXTURE_2D_ARRAY, 0, 0, 0, k, width, height, 1, gl.RGBA_INTEGER, gl.BYTE, bytes);
    }
    patch.painted = null;  // the amounts that it shows
  }

  texture(target, format, filter, ...sides) {
    const gl = this.gl, made = gl.createTexture();
    this.made.push(made);
    gl.bindTexture(target, made);
    (sides.length === 2 ? gl.texStorage2D : gl.texStorage3D).call(gl, target, 1, format, ...sides);
    for (const what of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) gl.texParameteri(target, what, filter);
    for (const what of [gl.TEXTURE_WRAP_S, gl.TEXTURE_WRAP_T]) gl.texParameteri(target, what, gl.CLAMP_TO_EDGE);
    return made;
  }

  program(...sources) {
    const gl = this.gl, made = gl.createProgram();
    sources.forEach((source, i) => {
      const shader = gl.createShader(i ? gl.FRAGMENT_SHADER : gl.VERTEX_SHADER);
      gl.shaderSource(shader, source);
      gl.compileShader(shader);
      gl.attachShader(made, shader);
      gl.deleteShader(shader);
    });
    gl.linkProgram(made);
    if (!gl.getProgramParameter(made, gl.LINK_STATUS)) throw new Error(`shader: ${gl.getProgramInfoLog(made)}`);
    const uniforms = { made };
    for (let i = 0; i < gl.getProgramParameter(made, gl.ACTIVE_UNIFORMS); i++) {
      const { name } = gl.getActiveUniform(made, i);
      uniforms[name.replace("[0]", "")] = gl.getUniformLocation(made, name);
    }
    return uniforms;
  }

  bind(unit, target, texture, uniform) {
    this.gl.activeTexture(this.gl.TEXTURE0 + unit);
    this.gl.bindTexture(target, texture);
    this.gl.uniform1i(uniform, unit);
  }

  paint(patch, amounts) {  // into its layer's texture
    const gl = this.gl, to = this.programs.patch, texels = this.layers[patch.layer].texels;
    gl.bindFramebuffer(gl.FRAMEBUFFER, this.frameBuffer);
    gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, texels, 0);
    gl.disable(gl.BLEND);
    gl.viewport(...patch.corner, ...patch.size);
    gl.useProgram(to.made);
    this.bind(0, gl.TEXTURE_2D_ARRAY, patch.pictures, to.u_pictures);
    this.bind(1, gl.TEXTURE_2D, patch.mean, to.u_mean);
    this.bind(2, gl.TEXTURE_2D_ARRAY, patch.bounds, to.u_bounds);
    gl.uniform1f(to.u_step, patch.step);
    gl.uniform1i(to.u_count, patch.count);
    gl.uniform4iv(to.u_amounts, amounts);
    gl.uniform2i(to.u_corner, ...patch.corner);
    gl.drawArrays(gl.TRIANGLES, 0, 3);
  }

  // coefficients: Float32Array, of each layer's modes, then of each patch's pictures, which are whole numbers when they are painted;
  // view: left, bottom, width, height on the canvas.
  draw(coefficients, place, view) {
    let at = this.layers.length * this.modes;
    for (const patch of this.patches) {
      const amounts = new Int32Array(4 * Math.ceil(patch.count / 4));
      for (let k = 0; k < patch.count; k++) amounts[k] = Math.round(coefficients[at + k]);
      at += patch.count;
      if (patch.painted && amounts.every((amount, k) => amount === patch.painted[k])) continue;
      this.paint(patch, amounts);
      patch.painted = amounts;
    }
    this.stack(coefficients, place, view);
  }

  stack(coefficients, place, view) {  // the layers, moved
    const gl = this.gl, to = this.programs.layer;
    gl.bindFramebuffer(gl.FRAMEBUFFER, null);
    gl.clear(gl.COLOR_BUFFER_BIT);
    gl.enable(gl.BLEND);
    gl.viewport(...view);
    gl.useProgram(to.made);
    this.bind(0, gl.TEXTURE_2D_ARRAY, this.planes, to.u_modes);
    gl.uniform2i(to.u_cells, ...this.cells);
    gl.uniform2f(to.u_size, ...this.size);
    gl.uniform3f(to.u_placement, ...place);
    gl.uniform1f(to.u_up, 1);
    gl.uniform1f(to.u_detail, Math.max(this.detail * this.size[0] / view[2], DENSE));
    this.layers.forEach((layer, k) => {
      this.bind(1, gl.TEXTURE_2D, layer.texels, to.u_texels);
      gl.uniform1i(to.u_layer, k);
      gl.uniform4f(to.u_span, ...layer.span);
      gl.uniform4f(to.u_reach, ...layer.reach);
      gl.uniform3f(to.u_texture, ...layer.texture);
      gl.uniform4fv(to.u_amounts, coefficients.subarray(k * this.modes, (k + 1) * this.modes));
      gl.drawElements(gl.TRIANGLES, layer.count, this.index, layer.first);
    });
  }
}
